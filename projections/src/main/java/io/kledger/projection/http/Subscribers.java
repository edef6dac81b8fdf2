package io.kledger.projection.http;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Who is listening, and what became of them. */
@ApplicationScoped
public class Subscribers {
  private final Set<Subscription> all = ConcurrentHashMap.newKeySet();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong tooSlow = new AtomicLong();
  private volatile boolean stopping;

  /**
   * A service that is told to stop waits for requests that are being answered; those that never end
   * are ended first.
   */
  void start(@Observes StartupEvent event) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stopping = true, "end subscriptions"));
  }

  boolean stopping() {
    return stopping;
  }

  void add(Subscription subscription) {
    all.add(subscription);
  }

  void remove(Subscription subscription) {
    all.remove(subscription);
  }

  int count() {
    return all.size();
  }

  /** Events that the slowest one is behind. */
  long lag() {
    return all.stream().mapToLong(Subscription::lag).max().orElse(0);
  }

  void sent(int changes) {
    sent.addAndGet(changes);
  }

  void slow() {
    tooSlow.incrementAndGet();
  }

  long sent() {
    return sent.get();
  }

  long disconnected() {
    return tooSlow.get();
  }
}

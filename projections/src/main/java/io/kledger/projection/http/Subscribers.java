package io.kledger.projection.http;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Who is listening, and what became of them. */
@ApplicationScoped
public class Subscribers {
  private final Set<Subscription> all = ConcurrentHashMap.newKeySet();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong tooSlow = new AtomicLong();

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

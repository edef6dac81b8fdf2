package io.kledger.projection.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.kledger.event.MachineId;
import io.kledger.filter.Filter;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.projection.feed.Happening;
import io.kledger.projection.feed.Happenings;
import io.kledger.projection.feed.MachineFeed;
import io.kledger.projection.ledger.ServedLedger;
import io.kledger.replay.When;
import io.kledger.view.Cgroups;
import io.kledger.view.Locks;
import io.kledger.view.MountInfo;
import io.kledger.view.Note;
import io.kledger.view.Tasks;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One listener. It has a place in the log and moves on as fast as its connection takes what
 * happened; nothing is kept for it. One that takes nothing for too long is told where to resume,
 * and disconnected.
 */
final class Subscription {
  /** Events in one write. */
  private static final int BATCH = 500;

  private static final long POLL_MILLIS = 20;
  private static final long PATIENCE_MILLIS = 15_000;
  private static final long CHECKPOINT_NANOS = 1_000_000_000L;

  private final HttpServerResponse response;
  private final Subscribers subscribers;
  private final ServedLedger ledger;
  private final MachineId machine;
  private final MachineFeed feed;
  private final ChangeJson json;
  private final Wish wish;
  private final StringBuilder out = new StringBuilder();
  private volatile long position;
  private long told;
  private long toldAt;

  /**
   * What a listener wants.
   *
   * @param heartbeat seconds without a change after which something is sent all the same
   */
  record Wish(Set<String> families, Filter filter, boolean cloudEvents, int heartbeat) {}

  Subscription(
      HttpServerResponse response,
      Subscribers subscribers,
      ServedLedger ledger,
      MachineId machine,
      MachineFeed feed,
      ChangeJson json,
      Wish wish) {
    this.response = response;
    this.subscribers = subscribers;
    this.ledger = ledger;
    this.machine = machine;
    this.feed = feed;
    this.json = json;
    this.wish = wish;
  }

  long lag() {
    return Math.max(0, feed.end() - position);
  }

  /** Serves it until it goes. */
  void run(long from, boolean initial) {
    position = from;
    told = -1;
    response.setChunked(true);
    response.putHeader("Content-Type", "text/event-stream;charset=UTF-8");
    response.putHeader("Cache-Control", "no-store");
    response.putHeader("X-Accel-Buffering", "no");
    subscribers.add(this);
    try {
      out.append("retry: 2000\n\n");
      if (initial) {
        initial();
      }
      checkpoint();
      while (flush()) {
        step();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      subscribers.remove(this);
    }
  }

  private void step() throws InterruptedException {
    List<Happening> next = feed.after(position, BATCH);
    boolean beyond = feed.end() > position;
    if (next == null || next.isEmpty() && beyond && feed.end() - feed.position() > BATCH) {
      // Longer ago than what is kept, or the feed itself is still far from here.
      next = fold();
    }
    next.forEach(this::tell);
    long now = System.nanoTime();
    if (told < position && now - toldAt > CHECKPOINT_NANOS) {
      checkpoint();
    } else if (now - toldAt > wish.heartbeat() * 1_000_000_000L) {
      out.append(": heartbeat\n\n");
      toldAt = now;
    }
    if (next.isEmpty()) {
      Thread.sleep(POLL_MILLIS);
    }
  }

  private List<Happening> fold() {
    List<Happening> result = new ArrayList<>();
    ledger.ask(
        machine,
        When.END,
        asked ->
            Happenings.read(
                asked,
                position,
                BATCH,
                happening -> {
                  result.add(happening);
                  return true;
                }));
    return result;
  }

  private void tell(Happening happening) {
    position = happening.position();
    if (happening.gap()) {
      message("gap", json.event(happening, List.of()));
    }
    List<Note> notes = happening.notes(wish.families(), wish.filter());
    if (!notes.isEmpty()) {
      message(
          "changes",
          wish.cloudEvents() ? json.cloudEvents(happening, notes) : json.event(happening, notes));
      subscribers.sent(notes.size());
    }
  }

  private void message(String type, JsonNode data) {
    out.append("id: ").append(json.cursor(position)).append('\n');
    out.append("event: ").append(type).append('\n');
    out.append("data: ").append(data).append("\n\n");
    told = position;
    toldAt = System.nanoTime();
  }

  private void checkpoint() {
    message("checkpoint", json.place(position));
  }

  /** The state as of the place, each line a message of its own under the same cursor. */
  private void initial() {
    ledger.ask(
        machine,
        new When.At(position),
        asked -> {
          KernelState state = asked.state();
          if (wish.families().contains("mount")) {
            for (long namespace : namespaces(state)) {
              Task first = state.tasksByMountNs.first(namespace);
              MountInfo.lines(state, first).forEach(line -> state("mount", line));
            }
          }
          if (wish.families().contains("lock")) {
            Locks.proc(state).forEach(line -> state("lock", line));
          }
          if (wish.families().contains("cgroup")) {
            Cgroups.text(state, null).forEach(line -> state("cgroup", line));
          }
          if (wish.families().contains("task")) {
            Tasks.all(state).forEach(t -> state("task", t.tid() + " " + t.comm().latin1()));
          }
          return position;
        });
  }

  private void state(String family, String line) {
    // Without an id: who loses the connection here has to begin again.
    out.append("event: state\ndata: ").append(json.state(family, line)).append("\n\n");
  }

  private static Set<Long> namespaces(KernelState state) {
    TreeSet<Long> namespaces = new TreeSet<>();
    for (Task task : state.tasks.rows()) {
      if (task.alive() && task.namespaces().mount() != 0) {
        namespaces.add(task.namespaces().mount());
      }
    }
    return namespaces;
  }

  /** Hands over what is to be sent. False if nobody is there any more, or takes nothing. */
  private boolean flush() throws InterruptedException {
    if (response.closed() || response.ended()) {
      return false;
    }
    if (out.isEmpty()) {
      return true;
    }
    response.write(out.toString());
    out.setLength(0);
    for (long waited = 0; response.writeQueueFull(); waited += POLL_MILLIS) {
      if (response.closed()) {
        return false;
      }
      if (waited > PATIENCE_MILLIS) {
        subscribers.slow();
        response.end(
            "event: error\ndata: "
                + json.problem(
                    "too slow: nothing was taken for "
                        + PATIENCE_MILLIS / 1000
                        + " s; resume after the last id")
                + "\n\n");
        Thread.sleep(1_000);
        response.reset();
        return false;
      }
      Thread.sleep(POLL_MILLIS);
    }
    return true;
  }
}

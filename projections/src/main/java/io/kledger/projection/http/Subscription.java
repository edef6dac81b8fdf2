package io.kledger.projection.http;

import io.kledger.event.MachineId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.projection.feed.Follower;
import io.kledger.projection.feed.Happening;
import io.kledger.projection.feed.MachineFeed;
import io.kledger.projection.ledger.ServedLedger;
import io.kledger.replay.When;
import io.kledger.view.Cgroups;
import io.kledger.view.Locks;
import io.kledger.view.MountInfo;
import io.kledger.view.Tasks;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One listener. It has a place in the log and moves on as fast as its connection takes what
 * happened; nothing is kept for it. One that takes nothing for too long is told where to resume,
 * and disconnected.
 */
final class Subscription {
  private static final long POLL_MILLIS = 20;
  private static final long CHECKPOINT_NANOS = 1_000_000_000L;
  private static final int STATE_LINES = 500;

  private final Outlet outlet;
  private final Subscribers subscribers;
  private final Frames frames;
  private final Opening opening;
  private final boolean socket;
  private final Encoding encoding;
  private volatile long position;
  private long told = -1;
  private long toldAt;

  /**
   * What was asked for, and found to be possible.
   *
   * @param from position of the last event seen
   * @param initial whether the state comes first
   */
  record Opening(
      ServedLedger ledger,
      MachineId machine,
      MachineFeed feed,
      ChangeJson json,
      Wish wish,
      long from,
      boolean initial) {}

  Subscription(
      Outlet outlet, Subscribers subscribers, Frames frames, Opening opening, boolean socket) {
    this.outlet = outlet;
    this.subscribers = subscribers;
    this.frames = frames;
    this.opening = opening;
    this.socket = socket;
    encoding = encoding();
    position = opening.from();
  }

  private Encoding encoding() {
    return Encoding.of(opening.wish(), opening.json(), socket);
  }

  long lag() {
    return Math.max(0, opening.feed().end() - position);
  }

  /** Serves it until it goes. */
  void run() {
    subscribers.add(this);
    try (Follower follower = opening.feed().follow(position)) {
      if (opening.initial() && !initial() || !checkpoint()) {
        return;
      }
      while (outlet.open() && !subscribers.stopping() && step(follower)) {
        Thread.yield();
      }
      if (subscribers.stopping()) {
        end(new Problem(503, "the service stops; resume after the last id"));
      }
    } catch (Outlet.TooSlow e) {
      subscribers.slow();
      end(e.problem());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      subscribers.remove(this);
    }
  }

  private void end(Problem problem) {
    try {
      outlet.end(problem);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean step(Follower follower) throws InterruptedException, Outlet.TooSlow {
    long after = position;
    List<Happening> next = follower.next(Frames.most(after));
    if (next.isEmpty()) {
      if (!quiet()) {
        return false;
      }
      Thread.sleep(POLL_MILLIS);
      return true;
    }
    Frame frame =
        frames.frame(
            opening.json().cursor(0),
            opening.wish(),
            socket,
            after,
            next.getLast().position(),
            () -> Frames.encode(encoding(), next));
    position = frame.to();
    return frame.isEmpty() ? quiet() : send(frame);
  }

  private boolean send(Frame frame) throws InterruptedException, Outlet.TooSlow {
    if (!outlet.send(frame)) {
      return false;
    }
    told = frame.told();
    toldAt = System.nanoTime();
    subscribers.sent(frame.changes());
    return true;
  }

  /** Nothing is to be told: that all is well, or how far it is, is told from time to time. */
  private boolean quiet() throws InterruptedException, Outlet.TooSlow {
    long silent = System.nanoTime() - toldAt;
    if (told < position && silent > CHECKPOINT_NANOS) {
      return checkpoint();
    }
    if (silent > opening.wish().heartbeat() * 1_000_000_000L) {
      toldAt = System.nanoTime();
      return outlet.send(encoding.heartbeat(position));
    }
    return true;
  }

  private boolean checkpoint() throws InterruptedException, Outlet.TooSlow {
    encoding.checkpoint(position);
    return send(encoding.frame(position));
  }

  /** The state as of the place, each line a message of its own; the cursor comes after it. */
  private boolean initial() throws InterruptedException, Outlet.TooSlow {
    List<String[]> lines =
        opening
            .ledger()
            .ask(
                opening.machine(),
                new When.At(position),
                asked -> lines(asked.state(), opening.wish().families()));
    for (int i = 0; i < lines.size(); i++) {
      encoding.state(lines.get(i)[0], lines.get(i)[1]);
      if ((i + 1) % STATE_LINES == 0 && !outlet.send(encoding.frame(position))) {
        return false;
      }
    }
    Frame last = encoding.frame(position);
    return last.isEmpty() || outlet.send(last);
  }

  private static List<String[]> lines(KernelState state, Set<String> families) {
    List<String[]> lines = new java.util.ArrayList<>();
    if (families.contains("mount")) {
      for (long namespace : namespaces(state)) {
        Task first = state.tasksByMountNs.first(namespace);
        MountInfo.lines(state, first).forEach(line -> lines.add(new String[] {"mount", line}));
      }
    }
    if (families.contains("lock")) {
      Locks.proc(state).forEach(line -> lines.add(new String[] {"lock", line}));
    }
    if (families.contains("cgroup")) {
      Cgroups.text(state, null).forEach(line -> lines.add(new String[] {"cgroup", line}));
    }
    if (families.contains("task")) {
      Tasks.all(state)
          .forEach(t -> lines.add(new String[] {"task", t.tid() + " " + t.comm().latin1()}));
    }
    return lines;
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
}

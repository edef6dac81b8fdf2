package io.kledger.replay;

import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.StateChange;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.Task;
import io.kledger.log.Cursor;
import io.kledger.store.Row;
import io.kledger.store.Store;
import io.kledger.store.TableId;
import io.kledger.view.ObjectDiff;
import io.kledger.view.StateObjects;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Every version of one object, as the values that a person knows, with what each event made of
 * them. Only the batches in which one of its rows changed are folded again.
 */
public final class ObjectHistory {
  /**
   * One version.
   *
   * @param changed the values that the event changed; all of them where the object came or went
   */
  public record Version(Event event, ObjectDiff.Changed changed) {}

  /** An object that is there at some moment, by the keys of its rows. */
  public sealed interface Target {
    /** A mount and its superblock. */
    record OfMount(long key) implements Target {}

    /** A task, its process and its directories. */
    record OfTask(long key) implements Target {}

    /** A cgroup. Who is in it is in the histories of tasks. */
    record OfCgroup(long key) implements Target {}

    /** A descriptor of a task. */
    record OfFd(long task, int number) implements Target {}
  }

  private record Key(TableId<? extends Row> table, long key) {}

  private final Ledger ledger;
  private final Target target;
  private final List<Version> versions = new ArrayList<>();
  private List<Key> keys;
  private StateObjects.Thing last;

  private ObjectHistory(Ledger ledger, Target target) {
    this.ledger = ledger;
    this.target = target;
  }

  /**
   * The versions made by events up to a position, oldest first. Versions that {@code kledger
   * compact} dropped are not found.
   *
   * @param upTo a position at which the object is there
   */
  public static List<Version> of(Ledger ledger, Target target, long upTo) {
    ObjectHistory history = new ObjectHistory(ledger, target);
    try (AsOf end = ledger.stateAt(upTo)) {
      history.keys = history.keys(end.state());
    }
    Store store = ledger.store();
    TreeSet<Long> commits = new TreeSet<>();
    for (Key key : history.keys) {
      for (Store.Version<?> stored : store.history(key.table(), key.key())) {
        if (stored.commit() != store.start()) {
          commits.add(stored.commit());
        }
      }
    }
    for (long commit : commits) {
      long before = store.commitAtOrBefore(commit - 1);
      if (before < upTo) {
        history.refold(before, Math.min(commit, upTo));
      }
    }
    if (upTo > store.position()) {
      history.refold(store.position(), upTo);
    }
    return history.versions;
  }

  private void refold(long from, long to) {
    try (AsOf base = ledger.stateAt(from);
        Cursor cursor = ledger.events(from + 1)) {
      last = thing(base.state());
      EventFold fold =
          new EventFold(
              base.engine(), (event, folded, state) -> folded(event, folded.changes(), state));
      for (long at = from; at < to; at++) {
        fold.fold(cursor.next());
      }
    }
  }

  private void folded(Event event, List<StateChange> changes, KernelState state) {
    boolean touched = false;
    for (StateChange change : changes) {
      for (Key key : keys) {
        touched |= change.key() == key.key() && change.table().number() == key.table().number();
      }
    }
    if (!touched) {
      return;
    }
    StateObjects.Thing now = thing(state);
    List<ObjectDiff.Changed> changed = ObjectDiff.between(only(last), only(now));
    changed.forEach(c -> versions.add(new Version(event, c)));
    last = now;
  }

  private static List<StateObjects.Thing> only(StateObjects.Thing thing) {
    return thing == null ? List.of() : List.of(thing);
  }

  private StateObjects.Thing thing(KernelState state) {
    return switch (target) {
      case Target.OfMount mount -> StateObjects.mount(state, mount.key());
      case Target.OfTask task -> StateObjects.task(state, task.key());
      case Target.OfCgroup cgroup -> StateObjects.cgroup(state, cgroup.key());
      case Target.OfFd fd -> StateObjects.fd(state, fd.task(), fd.number());
    };
  }

  private List<Key> keys(KernelState state) {
    List<Key> found = new ArrayList<>();
    switch (target) {
      case Target.OfMount of -> {
        found.add(new Key(Tables.MOUNTS, of.key()));
        Mount mount = state.mounts.get(of.key());
        if (mount != null) {
          found.add(new Key(Tables.SUPERBLOCKS, mount.superblock()));
        }
      }
      case Target.OfTask of -> {
        found.add(new Key(Tables.TASKS, of.key()));
        Task task = state.tasks.get(of.key());
        if (task != null) {
          found.add(new Key(Tables.GROUPS, task.group()));
          found.add(new Key(Tables.FS, task.fs()));
        }
      }
      case Target.OfCgroup of -> found.add(new Key(Tables.CGROUPS, of.key()));
      case Target.OfFd of -> {
        Task task = state.tasks.get(of.task());
        if (task != null) {
          found.add(new Key(Tables.FDS, FdSlot.key(task.files(), of.number())));
        }
      }
    }
    return found;
  }
}

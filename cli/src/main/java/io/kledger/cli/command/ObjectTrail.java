package io.kledger.cli.command;

import io.kledger.engine.Engines;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.StateChange;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.Task;
import io.kledger.log.Cursor;
import io.kledger.replay.AsOf;
import io.kledger.replay.EventFold;
import io.kledger.replay.Ledger;
import io.kledger.store.Row;
import io.kledger.store.TableId;
import io.kledger.view.Cgroups;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What happened to named objects in a part of the log, those that are gone at its end too. */
final class ObjectTrail {
  /** One object: {@code mount:/mnt/a}, {@code task:1234}, {@code fd:1234:7}, {@code cgroup:/a}. */
  record Named(String kind, String name) {
    static Named parse(String text) {
      int colon = text.indexOf(':');
      String kind = colon < 0 ? "" : text.substring(0, colon);
      if (!Set.of("mount", "task", "fd", "cgroup", "blockdev").contains(kind)) {
        throw new IllegalArgumentException(
            "'"
                + text
                + "' is no object: expected mount:PATH, task:PID, fd:PID:FD, cgroup:PATH or blockdev:PATH");
      }
      return new Named(kind, text.substring(colon + 1));
    }

    TableId<? extends Row> table() {
      return switch (kind) {
        case "mount" -> Tables.MOUNTS;
        case "task" -> Tables.TASKS;
        case "fd" -> Tables.FDS;
        case "blockdev" -> Tables.BLOCK_DEVICES;
        default -> Tables.CGROUPS;
      };
    }
  }

  /** A change of one of the objects, and the event that caused it. */
  record Entry(Event event, StateChange change) {}

  private final List<Named> objects;
  private final Set<String> keys = new TreeSet<>();
  private final List<Entry> entries = new ArrayList<>();

  private ObjectTrail(List<Named> objects) {
    this.objects = objects;
  }

  /** The changes by events after {@code since} up to {@code until}, in order. */
  static List<Entry> of(Ledger ledger, List<Named> objects, long since, long until) {
    ObjectTrail trail = new ObjectTrail(objects);
    try (AsOf start = ledger.stateAt(since);
        Cursor cursor = ledger.events(since + 1)) {
      KernelState state = start.state();
      objects.forEach(object -> trail.find(state, object));
      EventFold fold =
          new EventFold(
              Engines.create(state),
              (event, folded, after) -> trail.changed(event, folded.changes(), after));
      for (Event event = since < until ? cursor.next() : null;
          event != null;
          event = event.getPosition() < until ? cursor.next() : null) {
        fold.fold(event);
      }
    }
    return trail.entries;
  }

  private void changed(Event event, List<StateChange> changes, KernelState state) {
    for (Named object : objects) {
      boolean touched = false;
      for (StateChange change : changes) {
        touched |= change.table().number() == object.table().number();
      }
      if (touched) {
        find(state, object);
      }
    }
    for (StateChange change : changes) {
      if (keys.contains(key(change.table(), change.key()))) {
        entries.add(new Entry(event, change));
      }
    }
  }

  private static String key(TableId<?> table, long key) {
    return table.number() + ":" + key;
  }

  private void add(TableId<?> table, long key) {
    keys.add(key(table, key));
  }

  private void find(KernelState state, Named object) {
    switch (object.kind()) {
      case "mount" ->
          state.mounts.rows().stream()
              .filter(
                  m ->
                      object.name().equals(Integer.toString(m.id()))
                          || PathText.names(state, new Place(m.key(), m.root()), Place.UNKNOWN)
                              .equals(Bytes.of(object.name())))
              .forEach(m -> add(Tables.MOUNTS, m.key()));
      case "task" -> {
        Task task = state.task(WhyCommand.number(object.name()));
        if (task != null) {
          add(Tables.TASKS, task.key());
        }
      }
      case "fd" -> {
        int colon = object.name().indexOf(':');
        if (colon < 0) {
          throw new IllegalArgumentException("expected fd:PID:FD, such as fd:1234:7");
        }
        Task task = state.task(WhyCommand.number(object.name().substring(0, colon)));
        if (task != null) {
          int fd = WhyCommand.number(object.name().substring(colon + 1));
          add(Tables.FDS, FdSlot.key(task.files(), fd));
        }
      }
      case "blockdev" ->
          state.blockDevices.rows().stream()
              .filter(d -> d.path().equals(Bytes.of(object.name())))
              .forEach(d -> add(Tables.BLOCK_DEVICES, d.key()));
      default ->
          state.cgroups.rows().stream()
              .filter(c -> Bytes.of(object.name()).equals(Cgroups.path(state, c.key())))
              .forEach(c -> add(Tables.CGROUPS, c.key()));
    }
  }
}

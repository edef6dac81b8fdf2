package io.kledger.replay;

import io.kledger.engine.Engine;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.StateChange;
import io.kledger.log.EventLog;
import io.kledger.store.Row;
import io.kledger.store.Store;
import io.kledger.store.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Every version of one row. The store has one per commit; the versions between are found by folding
 * again the batches in which the row changed, and no others. A row that was made and removed within
 * one batch left nothing to find, unless its key was used before or after.
 */
public final class RowHistory {
  /**
   * One version.
   *
   * @param event that made it
   * @param change what it did; its {@code after} is the row, null if it went
   */
  public record Version(Event event, StateChange change) {}

  private RowHistory() {}

  /** The versions made by events up to a position, oldest first. */
  public static <V extends Row> List<Version> of(
      Store store,
      EventLog log,
      MachineId machine,
      Function<KernelState, Engine> engines,
      TableId<V> table,
      long key,
      long upTo) {
    List<Version> versions = new ArrayList<>();
    EventFold.Listener collect =
        (event, folded, state) -> {
          for (StateChange change : folded.changes()) {
            if (change.key() == key && change.table().number() == table.number()) {
              versions.add(new Version(event, change));
            }
          }
        };
    for (Store.Version<V> stored : store.history(table, key)) {
      long before = store.commitAtOrBefore(stored.commit() - 1);
      if (before >= upTo || stored.commit() == store.start()) {
        continue;
      }
      refold(store, log, machine, engines, before, Math.min(stored.commit(), upTo), collect);
    }
    if (upTo > store.position()) {
      refold(store, log, machine, engines, store.position(), upTo, collect);
    }
    return versions;
  }

  private static void refold(
      Store store,
      EventLog log,
      MachineId machine,
      Function<KernelState, Engine> engines,
      long from,
      long to,
      EventFold.Listener listener) {
    try (AsOf base = AsOf.open(store, log, machine, engines, from);
        var cursor = log.read(machine, from + 1)) {
      EventFold fold = new EventFold(base.engine(), listener);
      for (long at = from; at < to; at++) {
        fold.fold(cursor.next());
      }
    }
  }
}

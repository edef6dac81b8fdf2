package io.kledger.replay;

import io.kledger.engine.ChangeListener;
import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.StateChange;
import io.kledger.kernel.mount.Mount;
import io.kledger.log.Cursor;
import io.kledger.store.Row;
import java.util.HashMap;
import java.util.Map;

/**
 * Mounts that were there once, as they were when they were made. The log is folded again for them,
 * the first time that one is asked for.
 */
public final class FormerMounts {
  private final Ledger ledger;
  private final long position;
  private Map<Long, Mount> mounts;

  /**
   * Those of a ledger.
   *
   * @param position up to which the log is looked at
   */
  public FormerMounts(Ledger ledger, long position) {
    this.ledger = ledger;
    this.position = position;
  }

  /** The mount with this key, or null if there never was one. */
  public Mount get(long key) {
    if (mounts == null) {
      mounts = new HashMap<>();
      fold();
    }
    return mounts.get(key);
  }

  private void fold() {
    Engine engine = Engines.create(new KernelState());
    engine.listener(
        new ChangeListener() {
          @Override
          public void after(StateChange change, Row before, KernelState state) {
            if (change.after() instanceof Mount mount) {
              mounts.putIfAbsent(mount.key(), mount);
            }
          }
        });
    EventFold fold = new EventFold(engine, EventFold.SILENT);
    try (Cursor cursor = ledger.events(1)) {
      for (Event event = cursor.next();
          event != null && event.getPosition() <= position;
          event = cursor.next()) {
        fold.fold(event);
      }
    }
  }
}

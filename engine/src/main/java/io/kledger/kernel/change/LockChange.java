package io.kledger.kernel.change;

import io.kledger.kernel.Tables;
import io.kledger.kernel.lock.FileLock;
import io.kledger.store.Row;
import io.kledger.store.TableId;

/** What happens to file locks. */
public sealed interface LockChange extends StateChange {
  /** A lock was granted, for the range asked for; the row may be a larger one that it joined. */
  record Acquired(FileLock after, long start, long end) implements LockChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.LOCKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A flock lock changed its mode without waiting. */
  record Converted(FileLock after, FileLock before) implements LockChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.LOCKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A request waits. */
  record Blocked(FileLock after) implements LockChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.LOCKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A request that already waited waits behind another lock now. */
  record Requeued(FileLock after) implements LockChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.LOCKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A record lock was split, merged or cut: part of an acquire or release. */
  record Adjusted(FileLock after) implements LockChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.LOCKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /**
   * A lock was given up.
   *
   * @param after what is left of this row, null if nothing
   * @param start first byte given up: as asked for, or the lowest held
   * @param end last byte
   */
  record Released(long key, FileLock after, FileLock before, long start, long end)
      implements LockChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.LOCKS;
    }
  }

  /** A waiting request ended without the lock: signal, death. */
  record Withdrawn(long key, FileLock before) implements LockChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.LOCKS;
    }

    @Override
    public Row after() {
      return null;
    }
  }

  /** A waiting request ended by its time limit. */
  record TimedOut(long key, FileLock before) implements LockChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.LOCKS;
    }

    @Override
    public Row after() {
      return null;
    }
  }

  /** A piece of a record lock went as part of another change. */
  record Dropped(long key, FileLock before) implements LockChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.LOCKS;
    }

    @Override
    public Row after() {
      return null;
    }
  }
}

package io.kledger.kernel.change;

import io.kledger.kernel.Tables;
import io.kledger.kernel.lock.FileLock;
import io.kledger.store.Row;
import io.kledger.store.TableId;

/** What happens to file locks. */
public sealed interface LockChange extends StateChange {
  /** A lock was granted. */
  record Acquired(FileLock after) implements LockChange {
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

  /** A lock was given up. */
  record Released(long key, FileLock before) implements LockChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.LOCKS;
    }

    @Override
    public Row after() {
      return null;
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

package io.kledger.kernel.change;

import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.store.Row;
import io.kledger.store.TableId;

/** What happens to descriptors and open file descriptions. */
public sealed interface FdChange extends StateChange {
  /** An open file description was made. */
  record Opened(OpenFileDescription after) implements FdChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.DESCRIPTIONS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** Flags, position or another attribute changed. */
  record DescriptionChanged(OpenFileDescription after) implements FdChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.DESCRIPTIONS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** The last reference to the description went. */
  record Released(long key) implements FdChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.DESCRIPTIONS;
    }

    @Override
    public Row after() {
      return null;
    }
  }

  /** A descriptor came into a table, in the context of {@code task}. */
  record Installed(FdSlot after, long task) implements FdChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.FDS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** As Installed, received with SCM_RIGHTS from the task {@code from}. */
  record Passed(FdSlot after, long task, long from) implements FdChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.FDS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** Close-on-exec changed. */
  record SlotChanged(FdSlot after) implements FdChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.FDS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A descriptor left a table. */
  record Closed(long key, long task, long description) implements FdChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.FDS;
    }

    @Override
    public Row after() {
      return null;
    }
  }
}

package io.kledger.kernel.change;

import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.store.Row;
import io.kledger.store.TableId;

/** What happens to block devices, as their uevents tell. */
public sealed interface BlockChange extends StateChange {
  @Override
  default TableId<? extends Row> table() {
    return Tables.BLOCK_DEVICES;
  }

  /** What a uevent says of a device that is there. */
  enum What {
    /** A disk was added (KOBJ_ADD). */
    ADD,
    /** A file or table was put behind it. */
    ATTACH,
    /** What was behind it is gone. */
    DETACH,
    /** Another content, or another size (KOBJ_CHANGE). */
    CHANGE,
    /** A filesystem context has claimed it before it is mounted. */
    CLAIM,
    /** A descriptor of it got another access mode. */
    REOPEN
  }

  /** It happened; the row is the device after that. */
  record Told(BlockDevice after, What what) implements BlockChange {
    @Override
    public long key() {
      return after.key();
    }
  }

  /** The disk is gone (KOBJ_REMOVE); {@code last} is what it was. */
  record Removed(BlockDevice last) implements BlockChange {
    @Override
    public long key() {
      return last.key();
    }

    @Override
    public Row after() {
      return null;
    }
  }
}

package io.kledger.kernel.change;

import io.kledger.kernel.Tables;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.store.Row;
import io.kledger.store.TableId;

/** What happens to mounts and superblocks. */
public sealed interface MountChange extends StateChange {
  /**
   * A mount exists that is not in a namespace's tree (a detached tree, a clone under construction).
   */
  record Created(Mount after) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.MOUNTS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A mount came into a namespace: its {@code cause} tells why. */
  record Attached(Mount after) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.MOUNTS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A mount left its namespace, but something still refers to it. */
  record Detached(Mount after, Mount before) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.MOUNTS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A mount hangs elsewhere now. */
  record Moved(Mount after, Mount before) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.MOUNTS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A mount was put on another parent silently: the kernel reports nothing. */
  record Reparented(Mount after, Mount before) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.MOUNTS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** Per-mount flags or the idmap changed. */
  record AttributesChanged(Mount after, Mount before) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.MOUNTS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** Peer group, master or unbindable changed by request or by the loss of a peer. */
  record PropagationChanged(Mount after, Mount before) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.MOUNTS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** MNT_LOCKED or locked flags changed. */
  record LockChanged(Mount after, Mount before) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.MOUNTS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** Links of rings and lists, ids: nothing that a user would see. */
  record Changed(Mount after) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.MOUNTS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A mount is gone. */
  record Unmounted(long key, Mount before) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.MOUNTS;
    }

    @Override
    public Row after() {
      return null;
    }
  }

  /** A filesystem instance exists. */
  record SuperblockCreated(Superblock after) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.SUPERBLOCKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A filesystem was reconfigured. */
  record SuperblockChanged(Superblock after, Superblock before) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.SUPERBLOCKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** The last mount of the filesystem went. */
  record SuperblockReleased(long key) implements MountChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.SUPERBLOCKS;
    }

    @Override
    public Row after() {
      return null;
    }
  }
}

package io.kledger.kernel.change;

import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.task.Task;
import io.kledger.store.Row;
import io.kledger.store.TableId;

/** What happens to cgroups. */
public sealed interface CgroupChange extends StateChange {
  /** mkdir. */
  record Created(Cgroup after) implements CgroupChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.CGROUPS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** rmdir; the row stays while zombies refer to it. */
  record Removed(Cgroup after) implements CgroupChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.CGROUPS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** A setting changed. */
  record Changed(Cgroup after) implements CgroupChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.CGROUPS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** Nothing refers to the removed cgroup any more. */
  record Released(long key) implements CgroupChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.CGROUPS;
    }

    @Override
    public Row after() {
      return null;
    }
  }

  /** A task moved; {@code from} is the cgroup before. */
  record Migrated(Task after, long from) implements CgroupChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.TASKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** The populated state of cgroup.events flipped. */
  record Populated(Cgroup after, boolean value) implements CgroupChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.CGROUPS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }
}

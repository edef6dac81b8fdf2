package io.kledger.kernel.change;

import io.kledger.kernel.Tables;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import io.kledger.store.Row;
import io.kledger.store.TableId;

/** What happens to tasks and processes. */
public sealed interface TaskChange extends StateChange {
  /** A task was created by {@code parent} (a task key; 0 if not known). */
  record Forked(Task after, long parent) implements TaskChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.TASKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** It runs another program. */
  record Execed(Task after) implements TaskChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.TASKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** PR_SET_NAME or a write to /proc/PID/comm. */
  record CommChanged(Task after) implements TaskChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.TASKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** It is a zombie now, or (for a thread) about to be released. */
  record Exited(Task after) implements TaskChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.TASKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** Credentials or another attribute changed. */
  record Changed(Task after) implements TaskChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.TASKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** The task is gone: reaped by the task {@code reaper}, or by itself (0). */
  record Released(long key, long reaper) implements TaskChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.TASKS;
    }

    @Override
    public Row after() {
      return null;
    }
  }

  /** An attribute of the process changed. */
  record GroupChanged(ThreadGroup after) implements TaskChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.GROUPS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** It has another parent; {@code from} is the ThreadGroup before. */
  record Reparented(ThreadGroup after, long from) implements TaskChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.GROUPS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** The process is gone. */
  record GroupReleased(long key) implements TaskChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.GROUPS;
    }

    @Override
    public Row after() {
      return null;
    }
  }
}

package io.kledger.kernel.change;

import io.kledger.kernel.Tables;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.task.Task;
import io.kledger.store.Row;
import io.kledger.store.TableId;

/** What happens to namespaces and to tasks that switch them. */
public sealed interface NamespaceChange extends StateChange {
  /** A namespace was made by {@code task}. */
  record Created(Namespace after, long task) implements NamespaceChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.NAMESPACES;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** An attribute changed. */
  record Changed(Namespace after) implements NamespaceChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.NAMESPACES;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** The last reference went. */
  record Destroyed(long key, NamespaceKind kind) implements NamespaceChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.NAMESPACES;
    }

    @Override
    public Row after() {
      return null;
    }
  }

  /** Its maps or attributes changed. */
  record UserChanged(UserNamespace after) implements NamespaceChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.USER_NAMESPACES;
    }

    @Override
    public long key() {
      return after.key();
    }
  }

  /** It went with its namespace. */
  record UserReleased(long key) implements NamespaceChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.USER_NAMESPACES;
    }

    @Override
    public Row after() {
      return null;
    }
  }

  /** A task is in another namespace of this kind. */
  record Switched(Task after, NamespaceKind kind) implements NamespaceChange {
    @Override
    public TableId<? extends Row> table() {
      return Tables.TASKS;
    }

    @Override
    public long key() {
      return after.key();
    }
  }
}

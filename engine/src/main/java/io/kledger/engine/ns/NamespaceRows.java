package io.kledger.engine.ns;

import io.kledger.engine.CallContext;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.NamespaceChange;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.ns.UserNamespace.IdExtent;
import io.kledger.kernel.task.PidCounter;
import java.util.List;

/** Finds and makes namespaces of all kinds. Of a mount namespace it makes the row, not the tree. */
public final class NamespaceRows {
  /** Last inode number before those that the kernel gives out: PROC_DYNAMIC_FIRST is 0xF0000000. */
  private static final long BEFORE_FIRST_INODE = 0xEFFFFFFFL;

  private NamespaceRows() {}

  /** Inode number of the initial namespace of a kind (include/uapi/linux/nsfs.h). */
  public static long initialInode(NamespaceKind kind) {
    return switch (kind) {
      case IPC -> 0xEFFFFFFFL;
      case UTS -> 0xEFFFFFFEL;
      case USER -> 0xEFFFFFFDL;
      case PID -> 0xEFFFFFFCL;
      case CGROUP -> 0xEFFFFFFBL;
      case TIME -> 0xEFFFFFFAL;
      case NET -> 0xEFFFFFF9L;
      case MOUNT -> 0xEFFFFFF8L;
    };
  }

  /** The namespace of this kind and inode number, or null. */
  public static Namespace byInode(KernelState state, NamespaceKind kind, long inode) {
    for (long key : state.namespacesByInode.keys(inode)) {
      Namespace namespace = state.namespaces.get(key);
      if (namespace.kind() == kind) {
        return namespace;
      }
    }
    return null;
  }

  /** The oldest namespace of a kind: the initial one, as far as the ledger knows. Null if none. */
  public static Namespace initial(KernelState state, NamespaceKind kind) {
    return state.namespaces.get(first(state.namespacesByKind.keys(kind.ordinal() + 1L)));
  }

  private static long first(long[] keys) {
    return keys.length == 0 ? 0 : keys[0];
  }

  /**
   * The namespace of this kind and inode number, made if it was never seen; 0 = no number known.
   */
  public static Namespace seen(CallContext context, NamespaceKind kind, long inode, int level) {
    KernelState state = context.state();
    Namespace known = inode == 0 ? initial(state, kind) : byInode(state, kind, inode);
    if (known != null) {
      return known;
    }
    long owner = 0;
    if (kind != NamespaceKind.USER || inode != initialInode(kind)) {
      owner = seen(context, NamespaceKind.USER, initialInode(NamespaceKind.USER), 0).key();
    }
    long parent = 0;
    if (kind == NamespaceKind.USER) {
      parent = owner;
    } else if (kind == NamespaceKind.PID && level > 0) {
      parent = seen(context, kind, 0, 0).key();
    }
    int depth = kind == NamespaceKind.USER && owner != 0 ? 1 : level;
    return add(context, kind, inode, owner, parent, depth, 0, true);
  }

  /**
   * A new namespace, made by a task.
   *
   * @param owner key of the user namespace that owns it; of a user namespace: its parent
   * @param parent of a pid namespace, else 0
   */
  public static Namespace create(
      CallContext context, NamespaceKind kind, long owner, long parent, long task) {
    KernelState state = context.state();
    Namespace above = state.namespaces.get(kind == NamespaceKind.USER ? owner : parent);
    int level = above == null ? 0 : above.level() + 1;
    context.raise(CounterId.NAMESPACE_INODE, BEFORE_FIRST_INODE);
    long inode =
        state.machine.get(1) != null && state.machine.get(1).model()
            ? context.next(CounterId.NAMESPACE_INODE)
            : 0;
    return add(
        context,
        kind,
        inode,
        owner,
        kind == NamespaceKind.USER ? owner : parent,
        level,
        task,
        false);
  }

  /** A namespace whose inode number an annotation shows (0: it does not). */
  public static Namespace learnInode(CallContext context, long key, long inode) {
    Namespace namespace = context.state().namespaces.require(key);
    if (inode != 0 && namespace.inode() == 0) {
      namespace = namespace.withInode(inode);
      context.put(Tables.NAMESPACES, namespace);
    }
    return namespace;
  }

  /** The initial namespace of a kind, at the boot of the model machine. */
  public static Namespace boot(CallContext context, NamespaceKind kind, long owner) {
    return add(context, kind, initialInode(kind), owner, 0, 0, 0, false);
  }

  /**
   * @param known it was there before the log began, so that tasks outside the log may be in it: it
   *     has no id, and never goes
   */
  private static Namespace add(
      CallContext context,
      NamespaceKind kind,
      long inode,
      long owner,
      long parent,
      int level,
      long task,
      boolean known) {
    Namespace namespace =
        new Namespace(
            context.newKey(),
            kind,
            inode,
            known ? 0 : context.next(CounterId.NAMESPACE_ID),
            owner,
            parent,
            level,
            0,
            false,
            false,
            context.position());
    if (task == 0) {
      context.put(Tables.NAMESPACES, namespace);
    } else {
      context.emit(new NamespaceChange.Created(namespace, task));
    }
    if (kind == NamespaceKind.USER) {
      addUser(context, namespace, task);
    } else if (kind == NamespaceKind.PID) {
      context.put(Tables.PID_COUNTERS, new PidCounter(namespace.key(), 0, false));
    }
    return namespace;
  }

  private static void addUser(CallContext context, Namespace namespace, long taskKey) {
    var task = context.state().tasks.get(taskKey);
    UserNamespace parent = context.state().userNamespaces.get(namespace.parent());
    List<IdExtent> map = namespace.parent() == 0 ? List.of(new IdExtent(0, 0, -1)) : List.of();
    context.put(
        Tables.USER_NAMESPACES,
        new UserNamespace(
            namespace.key(),
            task == null ? 0 : task.credentials().euid(),
            task == null ? 0 : task.credentials().egid(),
            map,
            map,
            parent == null || parent.setgroupsAllowed(),
            task == null || task.credentials().has(Capability.SETFCAP)));
  }
}

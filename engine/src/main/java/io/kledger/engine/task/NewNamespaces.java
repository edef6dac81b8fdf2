package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.mount.MountNamespaces;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.kernel.change.NamespaceChange;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.Task;

/**
 * The namespaces that CLONE_NEW* flags make (create_new_namespaces() in kernel/nsproxy.c), and the
 * credentials that go with a new user namespace.
 */
public final class NewNamespaces {
  private final long flags;
  private final Credentials credentials;
  private NamespaceSet namespaces;
  private MountNamespaces.Copies copies;

  private NewNamespaces(long flags, Credentials credentials, NamespaceSet namespaces) {
    this.flags = flags;
    this.credentials = credentials;
    this.namespaces = namespaces;
  }

  Credentials credentials() {
    return credentials;
  }

  NamespaceSet namespaces() {
    return namespaces;
  }

  /** For a child: its active pid and time namespaces are those for children. */
  static NewNamespaces forChild(CallContext context, Task parent, long flags) {
    NamespaceSet set = parent.namespaces();
    boolean thread = (flags & CloneFlags.THREAD) != 0;
    NamespaceSet start = thread ? set : set.withPid(set.pidForChildren());
    boolean vfork = (flags & (CloneFlags.VM | CloneFlags.VFORK)) == CloneFlags.VM;
    if (!thread && !vfork) {
      start = start.withTime(set.timeForChildren());
    }
    NewNamespaces made = make(context, parent, flags, start);
    if ((flags & CloneFlags.NEWPID) != 0) {
      made.namespaces = made.namespaces.withPid(made.namespaces.pidForChildren());
    }
    return made;
  }

  /** For the calling task itself: unshare(2). */
  static NewNamespaces forSelf(CallContext context, Task task, long flags) {
    return make(context, task, flags, task.namespaces());
  }

  private static NewNamespaces make(
      CallContext context, Task maker, long flags, NamespaceSet start) {
    Credentials credentials = maker.credentials();
    if ((flags & CloneFlags.NEWUSER) != 0) {
      Namespace user =
          NamespaceRows.create(context, NamespaceKind.USER, credentials.userNs(), 0, maker.key());
      credentials = Births.ownerOf(credentials, user.key());
    }
    NewNamespaces made = new NewNamespaces(flags, credentials, start);
    if ((flags & CloneFlags.OTHER_NAMESPACES) != 0) {
      made.others(context, maker);
    }
    return made;
  }

  private void others(CallContext context, Task maker) {
    NamespaceSet set = namespaces;
    long key = add(context, maker, NamespaceKind.MOUNT, 0);
    if (key != 0) {
      copies = MountNamespaces.copy(context, set.mount(), key);
      set = set.withMount(key);
    }
    key = add(context, maker, NamespaceKind.UTS, 0);
    set = key == 0 ? set : set.withUts(key);
    key = add(context, maker, NamespaceKind.IPC, 0);
    set = key == 0 ? set : set.withIpc(key);
    key = add(context, maker, NamespaceKind.PID, set.pidForChildren());
    set = key == 0 ? set : set.withPidForChildren(key);
    key = add(context, maker, NamespaceKind.CGROUP, 0);
    if (key != 0) {
      // Its root is the cgroup of its maker at this moment (copy_cgroup_ns).
      Namespace row = context.state().namespaces.require(key);
      context.emit(new NamespaceChange.Changed(row.withRoot(maker.cgroup())));
      set = set.withCgroup(key);
    }
    key = add(context, maker, NamespaceKind.NET, 0);
    set = key == 0 ? set : set.withNet(key);
    key = add(context, maker, NamespaceKind.TIME, 0);
    namespaces = key == 0 ? set : set.withTimeForChildren(key);
  }

  private long add(CallContext context, Task maker, NamespaceKind kind, long parent) {
    if ((flags & kind.cloneFlag()) == 0) {
      return 0;
    }
    return NamespaceRows.create(context, kind, credentials.userNs(), parent, maker.key()).key();
  }

  /** Root and working directory in the copy of the mount tree. */
  FsStruct moved(FsStruct fs) {
    return copies == null ? fs : fs.withRoot(copies.of(fs.root())).withCwd(copies.of(fs.cwd()));
  }

  /** The first task of a pid namespace is its init. */
  void initBorn(CallContext context, Task child) {
    Namespace pid = context.state().namespaces.get(child.namespaces().pid());
    if (pid != null && pid.root() == 0 && pid.level() > 0) {
      context.emit(new NamespaceChange.Changed(pid.withRoot(child.key())));
    }
  }
}

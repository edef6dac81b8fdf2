package io.kledger.engine.cgroup;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.observe.CgroupObservation;
import io.kledger.event.Bytes;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.cgroup.CgroupSettings;
import io.kledger.kernel.change.CgroupChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;
import java.util.List;

/** The directories and files of cgroup2: cgroup_mkdir(), cgroup_rmdir(), cgroup_base_files. */
public final class CgroupFs {
  private static final Bytes TYPE = Bytes.of("cgroup2");
  private static final int READ_ONLY = Inode.S_IFREG | 0444;
  private static final int READ_WRITE = Inode.S_IFREG | 0644;
  private static final int WRITE_ONLY = Inode.S_IFREG | 0200;

  /** Files of every cgroup, and (second list) of all but the root. */
  private static final List<String> EVERYWHERE =
      List.of(
          "cgroup.controllers",
          "cgroup.max.depth",
          "cgroup.max.descendants",
          "cgroup.procs",
          "cgroup.stat",
          "cgroup.subtree_control",
          "cgroup.threads");

  private static final List<String> BELOW =
      List.of("cgroup.events", "cgroup.freeze", "cgroup.kill", "cgroup.type");

  private CgroupFs() {}

  /** Whether a dentry is in a cgroup2 filesystem. */
  public static boolean holds(KernelState state, long dentry) {
    Dentry row = state.dentries.get(dentry);
    Superblock superblock = row == null ? null : state.superblocks.get(row.superblock());
    return superblock != null && superblock.type().equals(TYPE);
  }

  /**
   * The cgroup whose directory this dentry is; in a trace made if it was never seen. Null if none.
   */
  public static Cgroup of(CallContext context, long dentry) {
    KernelState state = context.state();
    Dentry row = state.dentries.get(dentry);
    if (row == null || !holds(state, dentry)) {
      return null;
    }
    Cgroup known = CgroupRules.ofDirectory(state, row.inode());
    if (known != null || row.deleted()) {
      return known;
    }
    Inode inode = state.inodes.get(row.inode());
    if (inode == null || inode.typeKnown() && !inode.directory()) {
      return null;
    }
    Cgroup cgroup = CgroupObservation.at(context, path(state, row));
    if (cgroup.directory() != row.inode()) {
      cgroup = cgroup.withDirectory(row.inode());
      context.put(Tables.CGROUPS, cgroup);
    }
    return cgroup;
  }

  private static Bytes path(KernelState state, Dentry dentry) {
    Bytes path = Bytes.EMPTY;
    for (Dentry at = dentry; at != null && at.parent() != 0; ) {
      path = Bytes.of("/").plus(at.name()).plus(path);
      at = state.dentries.get(at.parent());
    }
    return path;
  }

  /** The control files of a directory, at the model machine's boot and at mkdir(2). */
  public static void addFiles(CallContext context, long directory, boolean root) {
    Inode inode =
        context.state().inodes.require(context.state().dentries.require(directory).inode());
    for (String name : EVERYWHERE) {
      boolean fixed = name.equals("cgroup.controllers") || name.equals("cgroup.stat");
      addFile(context, directory, name, fixed ? READ_ONLY : READ_WRITE, inode);
    }
    for (String name : root ? List.<String>of() : BELOW) {
      int mode = READ_WRITE;
      if (name.equals("cgroup.events")) {
        mode = READ_ONLY;
      } else if (name.equals("cgroup.kill")) {
        mode = WRITE_ONLY;
      }
      addFile(context, directory, name, mode, inode);
    }
    if (!root && context.profile().has(KernelFeature.CGROUP_COREDUMP)) {
      addFile(context, directory, Coredumps.MAX, READ_WRITE, inode);
      addFile(context, directory, Coredumps.EVENTS, READ_ONLY, inode);
    }
  }

  static void addFile(CallContext context, long directory, String name, int mode, Inode owner) {
    Dcache.createChild(
        context, directory, Bytes.of(name), Dcache.Spec.of(mode, owner.uid(), owner.gid()));
  }

  /** kernfs allows directories only, and their names no newline. Null if the name may be made. */
  public static Result mayMake(
      CallContext context, long directory, Bytes name, boolean isDirectory) {
    if (!holds(context.state(), directory)) {
      return null;
    }
    if (!isDirectory) {
      return context.refuse("C9.2 only directories")
          ? context.fail(Errno.EPERM, "C9.2 only directories")
          : null;
    }
    if (name.indexOf('\n', 0) >= 0 && context.refuse("C9.2 newline")) {
      return context.fail(Errno.EINVAL, "C9.2 newline");
    }
    Cgroup parent = of(context, directory);
    if (parent != null && tooMany(context.state(), parent) && context.refuse("C9.2 limits")) {
      return context.fail(Errno.EAGAIN, "C9.2 limits");
    }
    return null;
  }

  /** cgroup_check_hierarchy_limits(). */
  private static boolean tooMany(KernelState state, Cgroup parent) {
    int depth = 1;
    for (Cgroup at = parent; at != null; at = state.cgroups.get(at.parent()), depth++) {
      CgroupSettings limits = settings(state, at.key());
      if (limits.maxDepth() >= 0 && depth > limits.maxDepth()) {
        return true;
      }
      if (limits.maxDescendants() >= 0 && descendants(state, at.key()) >= limits.maxDescendants()) {
        return true;
      }
    }
    return false;
  }

  static CgroupSettings settings(KernelState state, long cgroup) {
    CgroupSettings row = state.cgroupSettings.get(cgroup);
    return row == null ? CgroupSettings.initial(cgroup) : row;
  }

  private static int descendants(KernelState state, long cgroup) {
    int count = 0;
    for (long child : state.cgroupsByParent.keys(cgroup)) {
      count += 1 + descendants(state, child);
    }
    return count;
  }

  /** The id of a cgroup is the number of its directory's inode. */
  private static long id(CallContext context, Dentry directory) {
    Inode inode = context.state().inodes.get(directory.inode());
    boolean known = context.simulated() && inode != null && inode.number() != 0;
    return known ? inode.number() : context.next(CounterId.CGROUP_ID);
  }

  /** A directory was made: if it is one of cgroup2, a cgroup with it. */
  public static void made(CallContext context, Dentry directory) {
    KernelState state = context.state();
    if (!holds(state, directory.key())) {
      return;
    }
    Cgroup parent = of(context, directory.parent());
    if (parent == null) {
      return;
    }
    boolean unfit =
        parent.type() == Cgroup.Type.THREADED
            || parent.type() == Cgroup.Type.DOMAIN_THREADED
            || parent.type() == Cgroup.Type.DOMAIN_INVALID;
    Cgroup cgroup =
        new Cgroup(
            context.newKey(),
            parent.key(),
            directory.name(),
            id(context, directory),
            List.of(),
            unfit ? Cgroup.Type.DOMAIN_INVALID : Cgroup.Type.DOMAIN,
            parent.frozen(),
            false,
            directory.inode(),
            context.position());
    context.emit(new CgroupChange.Created(cgroup));
    addFiles(context, directory.key(), false);
    ControllerFiles.added(context, directory.key(), parent.subtreeControl());
  }

  /**
   * rmdir(2) in cgroup2, checks and effects on the cgroup; null if it is no directory of cgroup2.
   * The caller takes the name away after success.
   */
  public static Result remove(CallContext context, Dentry victim, boolean directory) {
    KernelState state = context.state();
    if (!holds(state, victim.key())) {
      return null;
    }
    Cgroup cgroup = directory ? of(context, victim.key()) : null;
    if (cgroup == null) {
      return context.fail(Errno.EPERM, "C9.2 files stay");
    }
    boolean held = state.cgroupsByParent.count(cgroup.key()) > 0 || liveMember(state, cgroup.key());
    if (held && context.refuse("C9.2 in use")) {
      return context.fail(Errno.EBUSY, "C9.2 in use");
    }
    context.emit(new CgroupChange.Removed(cgroup.withRemoved()));
    ControllerFiles.forget(context, cgroup.key());
    CgroupEvents.removed(context, cgroup.key());
    CgroupTypes.childGone(context, cgroup.parent());
    boolean open = state.descriptionsByInode.count(victim.inode()) > 0;
    for (long key : state.dentriesByParent.keys(victim.key())) {
      Dentry file = state.dentries.require(key);
      open |= file.inode() != 0 && state.descriptionsByInode.count(file.inode()) > 0;
      context.put(
          Tables.DENTRIES,
          new Dentry(key, file.superblock(), file.parent(), file.name(), file.inode(), true));
    }
    if (!open) {
      CgroupLife.releaseIfUnused(context, cgroup.key());
    }
    return Result.ZERO;
  }

  private static boolean liveMember(KernelState state, long cgroup) {
    for (long key : state.tasksByCgroup.keys(cgroup)) {
      if (state.tasks.get(key).alive()) {
        return true;
      }
    }
    return false;
  }
}

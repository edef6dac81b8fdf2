package io.kledger.engine.syscall;

import io.kledger.abi.DeviceNumber;
import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.blob.Blobs;
import io.kledger.engine.cgroup.CgroupFs;
import io.kledger.engine.device.DeviceCgroup;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.watch.Events;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.LinkCall;
import io.kledger.event.avro.LinkatCall;
import io.kledger.event.avro.MkdirCall;
import io.kledger.event.avro.MkdiratCall;
import io.kledger.event.avro.MknodCall;
import io.kledger.event.avro.MknodatCall;
import io.kledger.event.avro.SymlinkCall;
import io.kledger.event.avro.SymlinkatCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.task.Credentials;

/** Calls that make names: mkdir(2), mknod(2), symlink(2), link(2) of fs/namei.c. */
public final class CreateCalls {
  private static final long AT_SYMLINK_FOLLOW = 0x400;
  private static final long AT_EMPTY_PATH = 0x1000;

  /** Proposed: a name that exists gets another inode. */
  private static final long AT_LINK_REPLACE = 0x10000;

  private CreateCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .full(MkdirCall.class, (c, call) -> mkdir(c, null, call.getPath(), call.getMode()).result())
        .full(
            MkdiratCall.class,
            (c, call) -> mkdir(c, call.getDirfd(), call.getPath(), call.getMode()).result())
        .full(
            MknodCall.class,
            (c, call) -> mknod(c, null, call.getPath(), call.getMode(), call.getDev()).result())
        .full(
            MknodatCall.class,
            (c, call) ->
                mknod(c, call.getDirfd(), call.getPath(), call.getMode(), call.getDev()).result())
        .full(
            SymlinkCall.class,
            (c, call) -> symlink(c, call.getTarget(), null, call.getPath()).result())
        .full(
            SymlinkatCall.class,
            (c, call) -> symlink(c, call.getTarget(), call.getDirfd(), call.getPath()).result())
        .full(
            LinkCall.class,
            (c, call) -> link(c, null, call.getOldpath(), null, call.getNewpath(), 0))
        .full(
            LinkatCall.class,
            (c, call) ->
                link(
                    c,
                    call.getOlddirfd(),
                    call.getOldpath(),
                    call.getNewdirfd(),
                    call.getNewpath(),
                    call.getFlags()));
  }

  /** What was made, and through which mount; or why nothing was. */
  record Made(Dentry dentry, long mount, Result refused) {
    static Made no(Result refused) {
      return new Made(null, 0, refused);
    }

    Result result() {
      return refused == null ? Result.ZERO : refused;
    }
  }

  static Made mkdir(CallContext context, Fd dirfd, Text path, long mode) {
    Names.Fresh fresh = Names.create(context, dirfd, path, true);
    if (fresh.refused() != null) {
      return Made.no(fresh.refused());
    }
    if (inStore(context, fresh)) {
      return Made.no(context.fail(Errno.EPERM, "F30.2 only blobs"));
    }
    Result quota = Names.inodeQuota(context, fresh.directory());
    if (quota != null) {
      return Made.no(quota);
    }
    int bits = Inode.S_IFDIR | (int) mode & 01777 & ~Names.umask(context);
    Dentry made = make(context, fresh, bits);
    CgroupFs.made(context, made);
    Events.of(context).created(made);
    return new Made(made, fresh.directory().mount(), null);
  }

  private static boolean inStore(CallContext context, Names.Fresh fresh) {
    Dentry directory = context.state().dentries.require(fresh.directory().dentry());
    return Blobs.store(context.state(), directory.superblock());
  }

  private static Dentry make(CallContext context, Names.Fresh fresh, int mode) {
    Inode parent = Names.inode(context.state(), fresh.directory());
    return Dcache.createChild(
        context,
        fresh.directory().dentry(),
        fresh.name(),
        Dcache.owned(context, fresh.directory().mount(), parent, mode));
  }

  static Made mknod(CallContext context, Fd dirfd, Text path, long mode, Long dev) {
    int type = (int) mode & Inode.S_IFMT;
    switch (type) {
      case 0, Inode.S_IFREG, Inode.S_IFCHR, Inode.S_IFBLK, Inode.S_IFIFO, Inode.S_IFSOCK -> {}
      case Inode.S_IFDIR -> {
        if (context.refuse("may_mknod: directory")) {
          return Made.no(context.fail(Errno.EPERM, "may_mknod: directory"));
        }
      }
      default -> {
        if (context.refuse("may_mknod: type")) {
          return Made.no(context.fail(Errno.EINVAL, "may_mknod: type"));
        }
      }
    }
    Names.Fresh fresh = Names.create(context, dirfd, path, false);
    if (fresh.refused() != null) {
      return Made.no(fresh.refused());
    }
    if (inStore(context, fresh)) {
      return Made.no(context.fail(Errno.EPERM, "F30.2 only blobs"));
    }
    Result quota = Names.inodeQuota(context, fresh.directory());
    if (quota != null) {
      return Made.no(quota);
    }
    long number = dev == null ? 0 : dev;
    boolean device = type == Inode.S_IFCHR || type == Inode.S_IFBLK;
    boolean whiteout = type == Inode.S_IFCHR && number == 0;
    if (device && !whiteout) {
      Result refused = mayMake(context, type, number);
      if (refused != null) {
        return Made.no(refused);
      }
    }
    int bits = (type == 0 ? Inode.S_IFREG : type) | (int) mode & 07777 & ~Names.umask(context);
    Inode parent = Names.inode(context.state(), fresh.directory());
    Dcache.Spec owned = Dcache.owned(context, fresh.directory().mount(), parent, bits);
    Dentry made =
        Dcache.createChild(
            context,
            fresh.directory().dentry(),
            fresh.name(),
            new Dcache.Spec(
                owned.mode(),
                owned.uid(),
                owned.gid(),
                device ? DeviceNumber.major(number) : 0,
                device ? DeviceNumber.minor(number) : 0,
                Bytes.EMPTY));
    Events.of(context).created(made);
    return new Made(made, fresh.directory().mount(), null);
  }

  /** vfs_mknod(): capability, then the device cgroup; null if the node may be made. */
  private static Result mayMake(CallContext context, int type, long number) {
    int major = DeviceNumber.major(number);
    int minor = DeviceNumber.minor(number);
    if (!DeviceCgroup.mayMknod(context) && context.refuse("vfs_mknod: CAP_MKNOD")) {
      DeviceCgroup.denied(context, major, minor, "CAP");
      return context.fail(Errno.EPERM, "vfs_mknod: CAP_MKNOD");
    }
    if (!DeviceCgroup.allows(context, type, major, minor, "m")
        && context.refuse("devcgroup_inode_mknod")) {
      DeviceCgroup.denied(context, major, minor, "POLICY");
      return context.fail(Errno.EPERM, "devcgroup_inode_mknod");
    }
    return null;
  }

  static Made symlink(CallContext context, Text target, Fd dirfd, Text path) {
    if (target == null || target.getAddress() != null) {
      return Made.no(
          context.assuming() || target != null
              ? new Result.Unknown("the target")
              : context.fail(Errno.EFAULT, "getname: null pointer"));
    }
    Bytes text = Bytes.of(target.getValue());
    if (text.isEmpty() && context.refuse("symlink: empty target")) {
      return Made.no(context.fail(Errno.ENOENT, "symlink: empty target"));
    }
    if (text.length() >= 4096 && context.refuse("getname: PATH_MAX")) {
      return Made.no(context.fail(Errno.ENAMETOOLONG, "getname: PATH_MAX"));
    }
    Names.Fresh fresh = Names.create(context, dirfd, path, false);
    if (fresh.refused() != null) {
      return Made.no(fresh.refused());
    }
    if (inStore(context, fresh)) {
      return Made.no(context.fail(Errno.EPERM, "F30.2 only blobs"));
    }
    Result quota = Names.inodeQuota(context, fresh.directory());
    if (quota != null) {
      return Made.no(quota);
    }
    Inode parent = Names.inode(context.state(), fresh.directory());
    Dcache.Spec owned =
        Dcache.owned(context, fresh.directory().mount(), parent, Inode.S_IFLNK | 0777);
    Dentry made =
        Dcache.createChild(
            context,
            fresh.directory().dentry(),
            fresh.name(),
            new Dcache.Spec(owned.mode(), owned.uid(), owned.gid(), 0, 0, text));
    Events.of(context).created(made);
    return new Made(made, fresh.directory().mount(), null);
  }

  private static Result link(
      CallContext context, Fd oldDirfd, Text oldPath, Fd newDirfd, Text newPath, long flags) {
    long known = AT_SYMLINK_FOLLOW | AT_EMPTY_PATH;
    if (context.profile().has(KernelFeature.LINK_REPLACE)) {
      known |= AT_LINK_REPLACE;
    }
    if ((flags & ~known) != 0 && context.refuse("C5.2 flags")) {
      return context.fail(Errno.EINVAL, "C5.2 flags");
    }
    int walk =
        PathWalk.LEARN_NOTHING
            | ((flags & AT_SYMLINK_FOLLOW) != 0 ? PathWalk.FOLLOW : 0)
            | ((flags & AT_EMPTY_PATH) != 0 ? PathWalk.EMPTY_PATH : 0);
    return switch (PathWalk.walk(context, oldDirfd, oldPath, walk)) {
      case PathWalk.Missing missing -> context.fail(Errno.ENOENT, "C5.2 source");
      case PathWalk.Refused refused -> context.fail(refused.errno(), refused.rule());
      case PathWalk.Unknown unknown -> new Result.Unknown(unknown.reason());
      case PathWalk.Found found -> {
        boolean empty = oldPath.getValue().remaining() == 0;
        boolean barred = empty && !mayLinkDescriptor(context, found.description());
        if (barred && context.refuse("C5.2 AT_EMPTY_PATH")) {
          yield context.fail(Errno.ENOENT, "C5.2 AT_EMPTY_PATH");
        }
        yield link(context, found, newDirfd, newPath, (flags & AT_LINK_REPLACE) != 0);
      }
    };
  }

  private static boolean mayLinkDescriptor(CallContext context, long description) {
    OpenFileDescription file = context.state().descriptions.get(description);
    Credentials who = context.task().credentials();
    return !who.known()
        || who.has(Capability.DAC_READ_SEARCH)
        || file != null && file.openedBy() == context.taskKey();
  }

  /** What do_linkat() asks before the directory's permission: one mount, and may_linkat(). */
  private static Result mayLink(CallContext context, Place from, Place directory) {
    boolean other = !from.known() || from.mount() != directory.mount();
    if (other && (!from.known() || context.refuse("C5.2 same mount"))) {
      return context.fail(Errno.EXDEV, "C5.2 same mount");
    }
    return !HardLinks.allowed(context, from) && context.refuse("C5.2 protected_hardlinks")
        ? context.fail(Errno.EPERM, "C5.2 protected_hardlinks")
        : null;
  }

  private static Result link(
      CallContext context, PathWalk.Found source, Fd newDirfd, Text newPath, boolean replace) {
    LinkReplace.Target target =
        replace
            ? LinkReplace.target(context, newDirfd, newPath)
            : new LinkReplace.Target(null, null, null);
    Names.Fresh fresh =
        target.victim() != null
            ? new Names.Fresh(target.parent().directory(), target.parent().name(), null)
            : Names.create(context, newDirfd, newPath, false);
    KernelState state = context.state();
    Place from = source.place();
    if (fresh.refused() instanceof Result.Failed failed && failed.errno() == Errno.EACCES) {
      Result earlier =
          PathWalk.parent(context, newDirfd, newPath) instanceof PathWalk.Parent parent
              ? mayLink(context, from, parent.directory())
              : null;
      return earlier == null ? failed : earlier;
    }
    if (fresh.refused() != null) {
      return fresh.refused();
    }
    Result barred = mayLink(context, from, fresh.directory());
    if (barred != null) {
      return barred;
    }
    Inode inode = Names.inode(state, from);
    if (inode == null) {
      return new Result.Unknown("the source");
    }
    if (inode.directory() && context.refuse("C5.2 directory")) {
      return context.fail(Errno.EPERM, "C5.2 directory");
    }
    Dentry dentry = state.dentries.require(from.dentry());
    if (inStore(context, fresh)) {
      return context.fail(Errno.EPERM, "F30.2 only blobs");
    }
    boolean dead = inode.nlink() == 0 && dentry.deleted() && !inode.linkable();
    if (dead && context.refuse("C5.2 no links")) {
      return context.fail(Errno.ENOENT, "C5.2 no links");
    }
    boolean perhaps = inode.nlink() < 0 && dentry.deleted() && !inode.linkable();
    if (perhaps && !context.simulated() && !context.assuming()) {
      return new Result.Unknown("whether the file has another name");
    }
    if (target.victim() != null) {
      return LinkReplace.replace(context, target, inode);
    }
    Dentry made = Dcache.link(context, fresh.directory().dentry(), fresh.name(), inode.key());
    Events.of(context).linked(inode, made);
    return Result.ZERO;
  }
}

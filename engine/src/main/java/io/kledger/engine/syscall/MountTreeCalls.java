package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.ClearedClone;
import io.kledger.engine.mount.DetachedTrees;
import io.kledger.engine.mount.MountAttributes;
import io.kledger.engine.mount.MountIds;
import io.kledger.engine.mount.Moving;
import io.kledger.engine.mount.PropagationGroups;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.MoveMountCall;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.OpenTreeAttrCall;
import io.kledger.event.avro.OpenTreeCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import java.nio.ByteBuffer;

/** open_tree(2), open_tree_attr(2) and move_mount(2): fs/namespace.c. */
final class MountTreeCalls {
  static final long AT_SYMLINK_NOFOLLOW = 0x100;
  static final long AT_NO_AUTOMOUNT = 0x800;
  static final long AT_EMPTY_PATH = 0x1000;
  static final long AT_RECURSIVE = 0x8000;
  private static final long CLONE = 1;

  /** Proposed: the clone starts without any attribute of its original. */
  private static final long CLEAR = 4;

  private static final long CLOEXEC = OpenFlags.CLOEXEC;
  private static final long ALL =
      AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | CLONE | CLOEXEC;

  private static final long F_SYMLINKS = 0x1;
  private static final long F_EMPTY_PATH = 0x4;
  private static final long T_SYMLINKS = 0x10;
  private static final long T_EMPTY_PATH = 0x40;
  private static final long SET_GROUP = 0x100;
  private static final long BENEATH = 0x200;
  private static final long MOVE_ALL = 0x377;

  private static final Text EMPTY = Text.newBuilder().setValue(ByteBuffer.allocate(0)).build();

  private MountTreeCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .full(OpenTreeCall.class, MountTreeCalls::open)
        .full(OpenTreeAttrCall.class, MountTreeCalls::openWithAttributes)
        .full(MoveMountCall.class, MountTreeCalls::move)
        .opaque("open_tree_attr", MountTreeCalls::openedUnseen);
  }

  /**
   * The tree that a call opens.
   *
   * @param source the place that the path leads to, of a clone what was cloned
   * @param namespace the anonymous namespace of a clone, else 0
   */
  private record Opened(Place place, Place source, long namespace, Result refused) {
    static Opened refused(Result result) {
      return new Opened(Place.UNKNOWN, Place.UNKNOWN, 0, result);
    }
  }

  static Result open(CallContext context, OpenTreeCall call) {
    int mark = context.mark();
    Opened opened = tree(context, call.getDirfd(), call.getPath(), call.getFlags());
    if (opened.refused() != null) {
      MountIds.rollback(context, mark);
      return opened.refused() instanceof Result.Unknown && context.assuming()
          ? install(context, unseen(context, call.getFlags()), call.getFlags())
          : opened.refused();
    }
    return install(context, opened, call.getFlags());
  }

  static Result openWithAttributes(CallContext context, OpenTreeAttrCall call) {
    long size = call.getSize() == null ? 0 : call.getSize();
    boolean shown = call.getPath() == null || call.getPath().getAddress() == null;
    if (shown && call.getAttr() == null && size != 0 && context.refuse("C11 no attributes")) {
      return context.fail(Errno.EINVAL, "C11 no attributes");
    }
    int mark = context.mark();
    boolean ignores = context.profile().has(KernelFeature.SETATTR_IGNORE_FAILURES);
    long phase = ignores ? MountAttributeCalls.IGNORE_FAILURES : 0;
    Opened opened = tree(context, call.getDirfd(), call.getPath(), call.getFlags() & ~phase);
    Result refused = opened.refused();
    if (refused == null && call.getAttr() != null) {
      boolean clone = (call.getFlags() & CLONE) != 0;
      MountAttributes.Manner manner =
          new MountAttributes.Manner(
              (call.getFlags() & AT_RECURSIVE) != 0, (call.getFlags() & phase) != 0, false);
      MountAttributeCalls.Wanted wanted =
          MountAttributeCalls.wanted(context, call.getAttr(), size, manner, clone);
      Result denied = MountAttributeCalls.denied(context, wanted, opened.source());
      if (denied != null) {
        // The clone goes, what is told about the denial stays.
        MountIds.rollback(context, mark);
        return MountAttributeCalls.denied(context, wanted, opened.source());
      }
      Result changed = MountAttributeCalls.apply(context, wanted, opened.place());
      refused = changed instanceof Result.Done ? null : changed;
    }
    if (refused != null) {
      MountIds.rollback(context, mark);
      return refused instanceof Result.Unknown && context.assuming()
          ? install(context, unseen(context, call.getFlags()), call.getFlags())
          : refused;
    }
    return install(context, opened, call.getFlags());
  }

  /**
   * open_tree_attr(2) as a tracer prints it that does not know it: a descriptor there is; what it
   * leads to stays unknown.
   */
  private static void openedUnseen(CallContext context, OpaqueCall call) {
    long flags = RawArguments.word(call, 2);
    install(context, unseen(context, flags), flags);
  }

  /** A tree of which the trace does not tell what it is of. */
  private static Opened unseen(CallContext context, long flags) {
    if ((flags & CLONE) == 0) {
      return Opened.refused(null);
    }
    DetachedTrees.Detached made = DetachedTrees.unseen(context);
    Mount root = context.state().mounts.get(made.mount());
    return root == null
        ? Opened.refused(null)
        : new Opened(new Place(root.key(), root.root()), Place.UNKNOWN, made.namespace(), null);
  }

  /** vfs_open_tree(). */
  private static Opened tree(CallContext context, Fd dirfd, Text path, long flags) {
    boolean clone = (flags & CLONE) != 0;
    boolean clear = (flags & CLEAR) != 0;
    long known = context.profile().has(KernelFeature.OPEN_TREE_CLEAR) ? ALL | CLEAR : ALL;
    if (((flags & ~known) != 0 || clear && !clone) && context.refuse("C10 flags")) {
      return Opened.refused(context.fail(Errno.EINVAL, "C10 flags"));
    }
    if (!clone && (flags & AT_RECURSIVE) != 0 && context.refuse("C10 AT_RECURSIVE")) {
      return Opened.refused(context.fail(Errno.EINVAL, "C10 AT_RECURSIVE without a clone"));
    }
    if (clone && !MountCalls.mayMount(context) && context.refuse("C10 may_mount")) {
      return Opened.refused(context.fail(Errno.EPERM, "C10 may_mount"));
    }
    int how = (flags & AT_SYMLINK_NOFOLLOW) == 0 ? PathWalk.FOLLOW : 0;
    how |= (flags & AT_EMPTY_PATH) != 0 ? PathWalk.EMPTY_PATH : 0;
    PathWalk.Walk walk = PathWalk.walk(context, dirfd, path, how);
    if (!(walk instanceof PathWalk.Found found)) {
      return Opened.refused(Walks.failure(context, walk));
    }
    Place place = Walks.place(context, found);
    if (!place.known()) {
      return Opened.refused(new Result.Unknown("where the path leads"));
    }
    if (!clone) {
      return new Opened(place, place, 0, null);
    }
    DetachedTrees.Detached made = DetachedTrees.clone(context, place, (flags & AT_RECURSIVE) != 0);
    if (made.refused() != null) {
      return Opened.refused(made.refused());
    }
    if (clear) {
      Result refused = ClearedClone.clear(context, made.mount());
      if (refused != null) {
        return Opened.refused(refused);
      }
    }
    Mount root = context.state().mounts.require(made.mount());
    return new Opened(new Place(root.key(), root.root()), place, made.namespace(), null);
  }

  private static Result install(CallContext context, Opened opened, long flags) {
    OpenFileDescription file = Files.open(context, opened.place(), OpenFlags.PATH);
    if (opened.namespace() != 0) {
      file = file.withOwnsMount(opened.namespace());
      context.put(Tables.DESCRIPTIONS, file);
    }
    return FdTables.install(context, file, (flags & CLOEXEC) != 0);
  }

  static Result move(CallContext context, MoveMountCall call) {
    long flags = call.getFlags();
    if (!MountCalls.mayMount(context) && context.refuse("C10 may_mount")) {
      return context.fail(Errno.EPERM, "C10 may_mount");
    }
    boolean both = (flags & SET_GROUP) != 0 && (flags & BENEATH) != 0;
    boolean beneath = context.profile().has(KernelFeature.MOUNT_BENEATH);
    long known = beneath ? MOVE_ALL : MOVE_ALL & ~BENEATH;
    if (((flags & ~known) != 0 || both) && context.refuse("C10 flags")) {
      return context.fail(Errno.EINVAL, "C10 flags");
    }
    boolean emptyFrom = (flags & F_EMPTY_PATH) != 0;
    boolean emptyTo = (flags & T_EMPTY_PATH) != 0;
    Result name = name(context, call.getFromPath(), emptyFrom);
    name = name == null ? name(context, call.getToPath(), emptyTo) : name;
    if (name != null) {
      return name;
    }
    PathWalk.Walk toWalk =
        walk(context, call.getToDirfd(), call.getToPath(), emptyTo, (flags & T_SYMLINKS) != 0);
    if (!(toWalk instanceof PathWalk.Found to)) {
      return Walks.failure(context, toWalk);
    }
    PathWalk.Walk fromWalk =
        walk(
            context, call.getFromDirfd(), call.getFromPath(), emptyFrom, (flags & F_SYMLINKS) != 0);
    if (!(fromWalk instanceof PathWalk.Found from)) {
      return Walks.failure(context, fromWalk);
    }
    if (!to.place().known() || !from.place().known()) {
      return new Result.Unknown("where the paths lead");
    }
    return (flags & SET_GROUP) != 0
        ? PropagationGroups.set(context, from.place(), to.place())
        : Moving.move(context, from.place(), to.place(), (flags & BENEATH) != 0);
  }

  /** getname_maybe_null(): both names are read before any is looked up. */
  private static Result name(CallContext context, Text path, boolean mayBeEmpty) {
    if (path == null) {
      return mayBeEmpty ? null : context.fail(Errno.EFAULT, "C10 no path");
    }
    boolean empty = path.getAddress() == null && !path.getValue().hasRemaining();
    return empty && !mayBeEmpty && context.refuse("C10 empty path")
        ? context.fail(Errno.ENOENT, "C10 empty path")
        : null;
  }

  private static PathWalk.Walk walk(
      CallContext context, Fd dirfd, Text path, boolean empty, boolean follow) {
    int how = (empty ? PathWalk.EMPTY_PATH : 0) | (follow ? PathWalk.FOLLOW : 0);
    return PathWalk.walk(context, dirfd, path == null && empty ? EMPTY : path, how);
  }
}

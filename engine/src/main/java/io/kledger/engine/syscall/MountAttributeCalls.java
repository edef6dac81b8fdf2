package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.MountAttributes;
import io.kledger.engine.mount.MountFlags;
import io.kledger.engine.mount.PeerGroups;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.security.Security;
import io.kledger.event.avro.MountAttr;
import io.kledger.event.avro.MountSetattrCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.ns.UserNamespace;

/** mount_setattr(2): fs/namespace.c. */
final class MountAttributeCalls {
  private static final long ALL =
      MountTreeCalls.AT_EMPTY_PATH
          | MountTreeCalls.AT_RECURSIVE
          | MountTreeCalls.AT_SYMLINK_NOFOLLOW
          | MountTreeCalls.AT_NO_AUTOMOUNT;

  /** Proposed: what a single mount refuses is passed over. */
  static final long IGNORE_FAILURES = 0x10000;

  /** Proposed: the attributes cannot be changed any more. */
  private static final long LOCKED = 0x20000;

  private static final long PAGE_SIZE = 4096;

  /** MOUNT_ATTR_SIZE_VER0. */
  private static final long SIZE_VER0 = 32;

  private MountAttributeCalls() {}

  static void register(SyscallTable.Builder table) {
    table.partial(
        MountSetattrCall.class, "bytes of a longer structure", MountAttributeCalls::setattr);
  }

  /**
   * What a struct mount_attr asks for.
   *
   * @param change null if nothing is to be changed
   * @param refused why it is wrong, else null
   */
  record Wanted(MountAttributes.Change change, MountAttr attr, Result refused) {
    private static Wanted refused(Result result) {
      return new Wanted(null, null, result);
    }

    private Security.Request request(Place place) {
      return new Security.Request(
          place, attr.getAttrSet(), attr.getAttrClr(), attr.getPropagation());
    }
  }

  static Result setattr(CallContext context, MountSetattrCall call) {
    long flags = call.getFlags();
    if ((flags & ~known(context)) != 0 && context.refuse("C11 flags")) {
      return context.fail(Errno.EINVAL, "C11 flags");
    }
    MountAttributes.Manner manner =
        new MountAttributes.Manner(
            (flags & MountTreeCalls.AT_RECURSIVE) != 0,
            (flags & IGNORE_FAILURES) != 0,
            (flags & LOCKED) != 0);
    Wanted wanted = wanted(context, call.getAttr(), call.getSize(), manner, false);
    if (wanted.refused() != null) {
      return wanted.refused();
    }
    if (wanted.change() == null) {
      return Result.ZERO;
    }
    int how = (flags & MountTreeCalls.AT_SYMLINK_NOFOLLOW) == 0 ? PathWalk.FOLLOW : 0;
    how |= (flags & MountTreeCalls.AT_EMPTY_PATH) != 0 ? PathWalk.EMPTY_PATH : 0;
    PathWalk.Walk walk = PathWalk.walk(context, call.getDirfd(), call.getPath(), how);
    if (!(walk instanceof PathWalk.Found found)) {
      return Walks.failure(context, walk);
    }
    if (!found.place().known()) {
      return new Result.Unknown("where the path leads");
    }
    Result denied = denied(context, wanted, found.place());
    return denied == null ? apply(context, wanted, found.place()) : denied;
  }

  private static long known(CallContext context) {
    long known = ALL;
    if (context.profile().has(KernelFeature.SETATTR_IGNORE_FAILURES)) {
      known |= IGNORE_FAILURES;
    }
    return context.profile().has(KernelFeature.SETATTR_LOCKED) ? known | LOCKED : known;
  }

  /** Applies what was wanted to the tree at a place. */
  static Result apply(CallContext context, Wanted wanted, Place place) {
    if (wanted.refused() != null) {
      return wanted.refused();
    }
    if (wanted.change() == null) {
      return Result.ZERO;
    }
    return MountAttributes.set(context, place, wanted.change());
  }

  /**
   * The hook that decides about a change before it is tried; null if it has nothing against it.
   *
   * @param place the place that the caller named, also when a clone of it is to be changed
   */
  static Result denied(CallContext context, Wanted wanted, Place place) {
    boolean asked = wanted.change() != null && wanted.refused() == null;
    if (!asked || !context.profile().has(KernelFeature.LSM_MOUNT_SETATTR)) {
      return null;
    }
    int errno = Security.check(context, "mount_setattr", wanted.request(place));
    return errno != 0 && context.refuse("F25 mount_setattr hook")
        ? context.fail(errno, "F25 mount_setattr hook")
        : null;
  }

  /** wants_mount_setattr(). */
  static Wanted wanted(
      CallContext context,
      MountAttr attr,
      long size,
      MountAttributes.Manner manner,
      boolean replaceIdmap) {
    if (size > PAGE_SIZE && context.refuse("C11 size")) {
      return Wanted.refused(context.fail(Errno.E2BIG, "C11 size"));
    }
    if (size < SIZE_VER0 && context.refuse("C11 size")) {
      return Wanted.refused(context.fail(Errno.EINVAL, "C11 size"));
    }
    if (!MountCalls.mayMount(context) && context.refuse("C11 may_mount")) {
      return Wanted.refused(context.fail(Errno.EPERM, "C11 may_mount"));
    }
    if (attr == null) {
      return Wanted.refused(
          context.assuming()
              ? new Result.Unknown("the trace does not show the attributes")
              : context.fail(Errno.EFAULT, "C11 no attributes"));
    }
    boolean tail =
        size > SIZE_VER0
            && attr.getIdmap() != null
            && !context.profile().has(KernelFeature.IDMAP_MERGE)
            && !MergedMap.of(attr.getIdmap()).empty();
    if (tail && context.refuse("C11 tail of the structure")) {
      return Wanted.refused(context.fail(Errno.E2BIG, "C11 tail of the structure"));
    }
    boolean nothing =
        attr.getAttrSet() == 0 && attr.getAttrClr() == 0 && attr.getPropagation() == 0;
    return nothing && !manner.freeze()
        ? new Wanted(null, attr, null)
        : kattr(context, attr, size, manner, replaceIdmap);
  }

  /** build_mount_kattr(). */
  private static Wanted kattr(
      CallContext context,
      MountAttr attr,
      long size,
      MountAttributes.Manner manner,
      boolean replaceIdmap) {
    long propagation = attr.getPropagation();
    boolean known = (propagation & ~MountFlags.PROPAGATION) == 0 && Long.bitCount(propagation) <= 1;
    if (!known && context.refuse("C11 propagation")) {
      return Wanted.refused(context.fail(Errno.EINVAL, "C11 propagation"));
    }
    long set = attr.getAttrSet();
    long clear = attr.getAttrClr();
    long atime = MountAttrFlags.atimeFlags(set);
    boolean atimeCleared = (clear & MountAttrFlags.ATIME) == MountAttrFlags.ATIME;
    boolean wrong =
        ((set | clear) & ~attributes(context)) != 0
            || atimeCleared && atime < 0
            || !atimeCleared && ((set | clear) & MountAttrFlags.ATIME) != 0;
    if (wrong && context.refuse("C11 attributes")) {
      return Wanted.refused(context.fail(Errno.EINVAL, "C11 attributes"));
    }
    long setFlags = MountAttrFlags.mountFlags(set);
    long clearFlags = MountAttrFlags.mountFlags(clear);
    if (atimeCleared) {
      setFlags |= Math.max(0, atime);
      clearFlags |= MountFlags.RELATIME | MountFlags.NOATIME;
    }
    boolean idmapSet = (set & MountAttrFlags.IDMAP) != 0;
    boolean idmapClear = (clear & MountAttrFlags.IDMAP) != 0;
    long userNs = 0;
    if (idmapClear && !replaceIdmap && context.refuse("C11 clear idmap")) {
      return Wanted.refused(context.fail(Errno.EINVAL, "C11 clear idmap"));
    }
    Merged merged = merged(context, attr, size, set);
    if (merged.refused() != null) {
      return Wanted.refused(merged.refused());
    }
    if (idmapSet && merged.key() == 0) {
      Namespace[] found = new Namespace[1];
      Result refused = idmapped(context, attr, found);
      if (refused != null) {
        return Wanted.refused(refused);
      }
      userNs = found[0] == null ? 0 : found[0].key();
    }
    userNs = merged.key() == 0 ? userNs : merged.key();
    return new Wanted(
        new MountAttributes.Change(
            setFlags,
            clearFlags,
            type(propagation),
            manner,
            idmapSet,
            idmapClear && !idmapSet,
            userNs,
            replaceIdmap,
            merged.key() != 0),
        attr,
        null);
  }

  private static long attributes(CallContext context) {
    return context.profile().has(KernelFeature.PROPAGATE_RDONLY)
        ? MountAttrFlags.OF_SETATTR | MountAttrFlags.PROPAGATE_RDONLY
        : MountAttrFlags.OF_SETATTR;
  }

  /** The extents of an idmapping of its own (F29): key of their row, 0 if there are none. */
  private record Merged(long key, Result refused) {}

  /** Proposed: extents in the structure itself, of which several may lead to one id. */
  private static Merged merged(CallContext context, MountAttr attr, long size, long set) {
    if (size <= SIZE_VER0 || attr.getIdmap() == null) {
      return new Merged(0, null);
    }
    boolean known = context.profile().has(KernelFeature.IDMAP_MERGE);
    if (!known || (set & MountAttrFlags.IDMAP) == 0) {
      return new Merged(0, null);
    }
    MergedMap map = MergedMap.of(attr.getIdmap());
    boolean both = attr.getUsernsFd() != null && attr.getUsernsFd().getNumber() >= 0;
    if ((both || !map.valid()) && context.refuse("F29 extents")) {
      return new Merged(0, context.fail(Errno.EINVAL, "F29 extents"));
    }
    UserNamespace row =
        new UserNamespace(context.newKey(), 0, 0, map.uids(), map.gids(), false, false);
    context.put(Tables.USER_NAMESPACES, row);
    return new Merged(row.key(), null);
  }

  private static PeerGroups.Type type(long propagation) {
    if (propagation == MountFlags.SHARED) {
      return PeerGroups.Type.SHARED;
    }
    if (propagation == MountFlags.PRIVATE) {
      return PeerGroups.Type.PRIVATE;
    }
    if (propagation == MountFlags.SLAVE) {
      return PeerGroups.Type.SLAVE;
    }
    return propagation == MountFlags.UNBINDABLE ? PeerGroups.Type.UNBINDABLE : null;
  }

  /** build_mount_idmapped(). */
  private static Result idmapped(CallContext context, MountAttr attr, Namespace[] result) {
    if (attr.getUsernsFd() == null) {
      return new Result.Unknown("the trace does not show userns_fd");
    }
    if (attr.getUsernsFd().getNumber() < 0 && context.refuse("F23 userns_fd range")) {
      return context.fail(Errno.EINVAL, "F23 userns_fd range");
    }
    FdTables.Lookup found = FdTables.getFile(context, attr.getUsernsFd());
    if (!(found instanceof FdTables.Open open)) {
      return FdTables.failure(context, found);
    }
    KernelState state = context.state();
    Namespace namespace = state.namespaces.get(open.description().object());
    if (open.description().kind() == FileKind.NAMESPACE && namespace == null) {
      return context.assuming() ? null : new Result.Unknown("which namespace userns_fd is");
    }
    boolean user =
        namespace != null
            && namespace.kind() == NamespaceKind.USER
            && open.description().kind() == FileKind.NAMESPACE;
    if (!user && context.refuse("F23 not a user namespace")) {
      return context.fail(Errno.EINVAL, "F23 not a user namespace");
    }
    if (user && namespace.parent() == 0 && context.refuse("F23 initial user namespace")) {
      return context.fail(Errno.EPERM, "F23 initial user namespace");
    }
    if (user
        && !Capability.over(
            state, context.task().credentials(), namespace.key(), Capability.SYS_ADMIN)
        && context.refuse("F23 CAP_SYS_ADMIN")) {
      return context.fail(Errno.EPERM, "F23 CAP_SYS_ADMIN");
    }
    result[0] = user ? namespace : null;
    return null;
  }
}

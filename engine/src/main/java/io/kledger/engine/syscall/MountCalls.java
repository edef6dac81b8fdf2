package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.MountFlags;
import io.kledger.engine.mount.MountOperations;
import io.kledger.engine.mount.NewMount;
import io.kledger.engine.mount.PeerGroups;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.event.avro.MountCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.ns.Namespace;

/** mount(2): path_mount() of fs/namespace.c. */
final class MountCalls {
  private static final long MAGIC_MASK = 0xffff0000L;
  private static final long MAGIC = 0xC0ED0000L;

  private MountCalls() {}

  static void register(SyscallTable.Builder table) {
    table.partial(
        MountCall.class, "options of most filesystems, quota, idmapped mounts", MountCalls::mount);
    UmountCalls.register(table);
    RootCalls.register(table);
    FsContextCalls.register(table);
    MountTreeCalls.register(table);
    MountAttributeCalls.register(table);
    StatmountCalls.register(table);
  }

  private static Result mount(CallContext context, MountCall call) {
    long word = call.getFlags();
    if ((word & MAGIC_MASK) == MAGIC) {
      word &= ~MAGIC_MASK;
    }
    PathWalk.Walk walk = PathWalk.walk(context, null, call.getTarget(), PathWalk.FOLLOW);
    if (!(walk instanceof PathWalk.Found target)) {
      return Walks.failure(context, walk);
    }
    if (!target.place().known()) {
      return new Result.Unknown("where the target is");
    }
    if ((word & MountFlags.NOUSER) != 0 && context.refuse("C9.3 MS_NOUSER")) {
      return context.fail(Errno.EINVAL, "C9.3 MS_NOUSER");
    }
    if (!mayMount(context) && context.refuse("C9.3 may_mount")) {
      return context.fail(Errno.EPERM, "C9.3 may_mount");
    }
    return dispatch(context, call, word, target.place());
  }

  private static Result dispatch(CallContext context, MountCall call, long word, Place target) {
    boolean remount = (word & MountFlags.REMOUNT) != 0;
    if (remount && (word & MountFlags.BIND) != 0) {
      return MountOperations.reconfigure(context, target, word);
    }
    if (remount) {
      return MountOperations.remount(context, target, word, bytes(call.getData()));
    }
    if ((word & MountFlags.BIND) != 0) {
      return from(
          context,
          call.getSource(),
          source -> MountOperations.bind(context, source, target, (word & MountFlags.REC) != 0));
    }
    if ((word & MountFlags.PROPAGATION) != 0) {
      return changeType(context, target, word);
    }
    if ((word & MountFlags.MOVE) != 0) {
      return from(
          context, call.getSource(), source -> MountOperations.move(context, source, target));
    }
    boolean hidden = call.getFstype() != null && call.getFstype().getAddress() != null;
    return NewMount.mount(
        context,
        target,
        hidden ? NewMount.NOT_SHOWN : bytes(call.getFstype()),
        call.getSource(),
        word,
        bytes(call.getData()));
  }

  private interface WithSource {
    Result apply(Place source);
  }

  private static Result from(CallContext context, Text path, WithSource operation) {
    boolean absent = path == null || path.getAddress() == null && !path.getValue().hasRemaining();
    if (absent && context.refuse("C9.5 no source")) {
      return context.fail(Errno.EINVAL, "C9.5 no source");
    }
    PathWalk.Walk walk = PathWalk.walk(context, null, path, PathWalk.FOLLOW);
    if (!(walk instanceof PathWalk.Found source)) {
      return Walks.failure(context, walk);
    }
    Place place = Walks.place(context, source);
    return place.known() ? operation.apply(place) : new Result.Unknown("where the source is");
  }

  private static Result changeType(CallContext context, Place target, long word) {
    long type = word & ~(MountFlags.REC | MountFlags.SILENT);
    PeerGroups.Type wanted = null;
    if (type == MountFlags.SHARED) {
      wanted = PeerGroups.Type.SHARED;
    } else if (type == MountFlags.PRIVATE) {
      wanted = PeerGroups.Type.PRIVATE;
    } else if (type == MountFlags.SLAVE) {
      wanted = PeerGroups.Type.SLAVE;
    } else if (type == MountFlags.UNBINDABLE) {
      wanted = PeerGroups.Type.UNBINDABLE;
    }
    if (wanted == null) {
      return context.fail(Errno.EINVAL, "C3 flags_to_propagation_type");
    }
    return MountOperations.changeType(context, target, wanted, (word & MountFlags.REC) != 0);
  }

  /** may_mount(): CAP_SYS_ADMIN over the owner of the caller's mount namespace. */
  static boolean mayMount(CallContext context) {
    Namespace namespace = context.state().namespaces.get(context.task().namespaces().mount());
    return namespace == null
        || namespace.owner() == 0
        || Capability.over(
            context.state(), context.task().credentials(), namespace.owner(), Capability.SYS_ADMIN);
  }

  /**
   * The bytes of a string argument; null for a null pointer or one that the trace does not show.
   */
  static Bytes bytes(Text text) {
    return text == null || text.getAddress() != null ? null : Bytes.of(text.getValue());
  }
}

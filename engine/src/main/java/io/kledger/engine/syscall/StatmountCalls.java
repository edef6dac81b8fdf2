package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.MountStat;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.event.avro.ListmountCall;
import io.kledger.event.avro.MountIdRequest;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.StatmountCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.path.PathText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** statmount(2) and listmount(2): fs/namespace.c. */
final class StatmountCalls {
  private static final long UNIQUE_OFFSET = 1L << 31;
  private static final long ROOT = -1;
  private static final long PAGE_SIZE = 4096;
  private static final long SIZE_VER0 = 24;
  private static final long HEADER = 512;

  /** STATMOUNT_STRING_REQ: what is written behind the structure. */
  private static final long STRING_REQ = 0x6fb8;

  private static final long MOST_IDS = 1_000_000;
  private static final long REVERSE = 1;
  private static final Map<String, Long> STRINGS = new LinkedHashMap<>();

  static {
    STRINGS.put("mnt_root", 0x8L);
    STRINGS.put("mnt_point", 0x10L);
    STRINGS.put("fs_type", 0x20L);
    STRINGS.put("mnt_opts", 0x80L);
    STRINGS.put("fs_subtype", 0x100L);
    STRINGS.put("sb_source", 0x200L);
  }

  private StatmountCalls() {}

  static void register(SyscallTable.Builder table) {
    table
        .partial(
            StatmountCall.class,
            "the mask of what was answered, option arrays",
            StatmountCalls::stat)
        .full(ListmountCall.class, StatmountCalls::list);
  }

  /** A request, checked; or why it is refused. */
  private record Request(Namespace namespace, Result refused) {}

  static Result stat(CallContext context, StatmountCall call) {
    if (!context.profile().has(KernelFeature.STATMOUNT) && context.simulated()) {
      return context.fail(Errno.ENOSYS, "F53 no such call");
    }
    if (call.getFlags() != 0 && context.refuse("F53 flags")) {
      return context.fail(Errno.EINVAL, "F53 flags");
    }
    MountIdRequest asked = call.getRequest();
    Request request = request(context, asked, Errno.EPERM);
    if (request.refused() != null) {
      return request.refused();
    }
    boolean noRoom = call.getSize() == HEADER && (asked.getParam() & STRING_REQ) != 0;
    if (noRoom && context.refuse("F53 small buffer")) {
      return context.fail(Errno.EOVERFLOW, "F53 small buffer");
    }
    Mount mount = byId(context, request.namespace(), asked.getMntId());
    if (mount == null) {
      return absent(context, request.namespace());
    }
    Result refused = permission(context, request.namespace(), mount);
    if (refused != null) {
      return refused;
    }
    Map<String, List<String>> fields =
        MountStat.of(context.state(), mount, context.task(), root(context, request.namespace()));
    long strings = 0;
    for (Map.Entry<String, Long> string : STRINGS.entrySet()) {
      List<String> value = fields.get(string.getKey());
      if (value != null && (asked.getParam() & string.getValue()) != 0) {
        strings += value.getFirst().length() + 1;
      }
    }
    boolean small = call.getSize() < HEADER + strings && strings > 0;
    if (small && context.refuse("F53 small buffer")) {
      return context.fail(Errno.EOVERFLOW, "F53 small buffer");
    }
    Bytes answer = StatmountAnswer.text(context, mount, fields, asked.getParam());
    return Result.value(0, StatmountCall.newBuilder(call).setAnswer(raw(answer)).build());
  }

  private static Raw raw(Bytes text) {
    return new Raw(text.toBuffer());
  }

  /** In a trace the ids that the kernel gave are not those of the ledger. */
  private static Result absent(CallContext context, Namespace namespace) {
    return context.simulated()
        ? context.fail(Errno.ENOENT, "F53 no such mount in the namespace")
        : new Result.Unknown("which mount the id stands for");
  }

  private static Mount byId(CallContext context, Namespace namespace, long id) {
    for (long key : context.state().mountsByUniqueId.keys(id)) {
      Mount mount = context.state().mounts.require(key);
      if (namespace != null && mount.namespace() == namespace.key()) {
        return mount;
      }
    }
    return null;
  }

  /**
   * copy_mnt_id_req() and grab_requested_mnt_ns().
   *
   * @param foreign the error for a namespace that is not the caller's to look at
   */
  private static Request request(CallContext context, MountIdRequest asked, int foreign) {
    if (asked == null) {
      return new Request(
          null,
          context.simulated()
              ? context.fail(Errno.EFAULT, "F53 no request")
              : new Result.Unknown("the trace does not show the request"));
    }
    String wrong = null;
    int errno = Errno.EINVAL;
    if (asked.getSize() > PAGE_SIZE) {
      wrong = "F53 size";
      errno = Errno.E2BIG;
    } else if (asked.getSize() != 0 && asked.getSize() < SIZE_VER0) {
      wrong = "F53 size";
    } else if (asked.getMntId() != ROOT
        && Long.compareUnsigned(asked.getMntId(), UNIQUE_OFFSET) <= 0) {
      wrong = "F53 small id";
    } else if (asked.getMntNsFd() != null
        && asked.getMntNsFd().getNumber() != 0
        && asked.getMntNsId() != 0) {
      wrong = "F53 two namespaces";
    }
    if (wrong != null && context.refuse(wrong)) {
      return new Request(null, context.fail(errno, wrong));
    }
    return namespace(context, asked, foreign);
  }

  private static Request namespace(CallContext context, MountIdRequest asked, int foreignError) {
    KernelState state = context.state();
    Namespace own = state.namespaces.get(context.task().namespaces().mount());
    Namespace wanted = own;
    if (asked.getMntNsFd() != null && asked.getMntNsFd().getNumber() != 0) {
      FdTables.Lookup found = FdTables.getFile(context, asked.getMntNsFd());
      if (!(found instanceof FdTables.Open open)) {
        return new Request(null, FdTables.failure(context, found));
      }
      wanted = state.namespaces.get(open.description().object());
      boolean fits =
          open.description().kind() == FileKind.NAMESPACE
              && wanted != null
              && wanted.kind() == NamespaceKind.MOUNT;
      if (!fits && context.refuse("F53 not a mount namespace")) {
        return new Request(null, context.fail(Errno.EINVAL, "F53 not a mount namespace"));
      }
    } else if (asked.getMntNsId() != 0) {
      wanted = null;
      for (long key : state.namespacesByKind.keys(NamespaceKind.MOUNT.ordinal() + 1L)) {
        Namespace namespace = state.namespaces.get(key);
        wanted = namespace.id() == asked.getMntNsId() ? namespace : wanted;
      }
      if (wanted == null) {
        return new Request(
            null,
            context.simulated()
                ? context.fail(Errno.ENOENT, "F53 no such namespace")
                : new Result.Unknown("which namespace the id stands for"));
      }
    }
    boolean foreign = wanted != null && own != null && wanted.key() != own.key();
    if (foreign
        && !Capability.over(
            state, context.task().credentials(), wanted.owner(), Capability.SYS_ADMIN)
        && context.refuse("F53 foreign namespace")) {
      return new Request(null, context.fail(foreignError, "F53 foreign namespace"));
    }
    return new Request(wanted, null);
  }

  /** grab_requested_root(): of another namespace, the mount on top of its hidden root. */
  private static Place root(CallContext context, Namespace namespace) {
    KernelState state = context.state();
    boolean own = namespace == null || namespace.key() == context.task().namespaces().mount();
    Mount hidden = own ? null : state.mounts.get(namespace.root());
    if (hidden == null) {
      return PathWalk.root(context);
    }
    Mount first = hidden;
    for (long key : state.mountsByNamespace.keys(namespace.key())) {
      Mount mount = state.mounts.require(key);
      if (mount.parent() == hidden.key()) {
        first = mount;
        break;
      }
    }
    return new Place(first.key(), first.root());
  }

  /** A mount that the caller's root does not contain is shown to those with a capability only. */
  private static Result permission(CallContext context, Namespace namespace, Mount mount) {
    Place top = new Place(mount.key(), mount.root());
    boolean allowed =
        PathText.reachable(context.state(), top, root(context, namespace))
            || Capability.over(
                context.state(),
                context.task().credentials(),
                namespace.owner(),
                Capability.SYS_ADMIN);
    return !allowed && context.refuse("F53 unreachable mount")
        ? context.fail(Errno.EPERM, "F53 unreachable mount")
        : null;
  }

  static Result list(CallContext context, ListmountCall call) {
    if (!context.profile().has(KernelFeature.STATMOUNT) && context.simulated()) {
      return context.fail(Errno.ENOSYS, "F53 no such call");
    }
    if ((call.getFlags() & ~REVERSE) != 0 && context.refuse("F53 flags")) {
      return context.fail(Errno.EINVAL, "F53 flags");
    }
    if (call.getCount() > MOST_IDS && context.refuse("F53 too many")) {
      return context.fail(Errno.EOVERFLOW, "F53 too many");
    }
    MountIdRequest asked = call.getRequest();
    Request request = request(context, asked, Errno.ENOENT);
    if (request.refused() != null) {
      return request.refused();
    }
    long last = asked.getParam();
    boolean small = last != 0 && Long.compareUnsigned(last, UNIQUE_OFFSET) <= 0;
    if (small && context.refuse("F53 last id")) {
      return context.fail(Errno.EINVAL, "F53 last id");
    }
    Place from = root(context, request.namespace());
    long self = 0;
    if (asked.getMntId() != ROOT) {
      Mount mount = byId(context, request.namespace(), asked.getMntId());
      if (mount == null) {
        return absent(context, request.namespace());
      }
      Result refused = permission(context, request.namespace(), mount);
      if (refused != null) {
        return refused;
      }
      from = new Place(mount.key(), mount.root());
      self = mount.key();
    }
    List<Long> ids = ids(context, request.namespace(), from, self, call);
    StringBuilder text = new StringBuilder("[");
    ids.forEach(
        id -> text.append(text.length() > 1 ? ", " : "").append("0x").append(Long.toHexString(id)));
    Bytes shown = Bytes.of(text.append(']').toString());
    return Result.value(ids.size(), ListmountCall.newBuilder(call).setIds(raw(shown)).build());
  }

  /** do_listmount(). */
  private static List<Long> ids(
      CallContext context, Namespace namespace, Place from, long self, ListmountCall call) {
    KernelState state = context.state();
    long last = call.getRequest().getParam();
    boolean reverse = (call.getFlags() & REVERSE) != 0;
    List<Mount> mounts = new ArrayList<>();
    if (namespace != null) {
      for (long key : state.mountsByNamespace.keys(namespace.key())) {
        mounts.add(state.mounts.require(key));
      }
    }
    List<Long> ids = new ArrayList<>();
    for (Mount mount : reverse ? mounts.reversed() : mounts) {
      boolean after = last == 0 || (reverse ? mount.uniqueId() < last : mount.uniqueId() > last);
      if (after
          && mount.key() != self
          && ids.size() < call.getCount()
          && PathText.reachable(state, new Place(mount.key(), mount.root()), from)) {
        ids.add(mount.uniqueId());
      }
    }
    return ids;
  }
}

package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.Superblocks;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.quota.Quotas;
import io.kledger.event.Bytes;
import io.kledger.event.avro.QuotactlCall;
import io.kledger.event.avro.QuotactlFdCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.quota.QuotaLimits;
import io.kledger.kernel.quota.QuotaTypes;
import io.kledger.kernel.task.Credentials;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** quotactl(2), quotactl_fd(2): fs/quota/quota.c. */
final class QuotaCalls {
  private static final int MAXQUOTAS = 3;
  private static final int SYNC = 0x800001;
  private static final int QUOTAON = 0x800002;
  private static final int QUOTAOFF = 0x800003;
  private static final int GETFMT = 0x800004;
  private static final int GETINFO = 0x800005;
  private static final int SETINFO = 0x800006;
  private static final int GETQUOTA = 0x800007;
  private static final int SETQUOTA = 0x800008;
  private static final int GETNEXTQUOTA = 0x800009;

  /** Filesystems without s_qcop. A tmpfs has it only if it was mounted with quotas. */
  private static final List<String> NO_QUOTAS =
      List.of(
          "ramfs", "proc", "sysfs", "devpts", "mqueue", "cgroup2", "overlay", "nsfs", "devtmpfs");

  private QuotaCalls() {}

  static void register(SyscallTable.Builder table) {
    String missing = "formats, grace times, XFS's commands";
    table.partial(QuotactlCall.class, missing, QuotaCalls::byPath);
    table.partial(QuotactlFdCall.class, missing, QuotaCalls::byFd);
  }

  /** A command on a filesystem. */
  private record Request(int command, int type, long id, Raw address) {
    static Request of(long command, long id, Raw address) {
      return new Request((int) (command >> 8) & 0xffffff, (int) command & 0xff, id, address);
    }
  }

  /** A week of grace, as mkfs and quotacheck leave it. */
  private static final String INFO =
      "{dqi_bgrace=604800, dqi_igrace=604800, dqi_flags=0, dqi_valid=IIF_ALL}";

  private static Result byFd(CallContext context, QuotactlFdCall call) {
    Request request = Request.of(call.getCommand(), call.getId(), call.getAddress());
    if (request.type() >= MAXQUOTAS && context.refuse("F20 type")) {
      // The descriptor is looked up first, and the type is checked before it is used.
      FdTables.Lookup any = FdTables.get(context, call.getFd());
      return any instanceof Open
          ? context.fail(Errno.EINVAL, "F20 type")
          : FdTables.failure(context, any);
    }
    FdTables.Lookup found = FdTables.getFile(context, call.getFd());
    if (!(found instanceof Open open)) {
      return FdTables.failure(context, found);
    }
    KernelState state = context.state();
    Mount mount = state.mounts.get(open.description().place().mount());
    Superblock superblock = mount == null ? null : state.superblocks.get(mount.superblock());
    Answer answer = run(context, superblock, request);
    return answer.text() == null
        ? answer.result()
        : Result.value(
            0,
            QuotactlFdCall.newBuilder(call)
                .setAddress(new Raw(Bytes.of(answer.text()).toBuffer()))
                .build());
  }

  private static Result byPath(CallContext context, QuotactlCall call) {
    Request request = Request.of(call.getCommand(), call.getId(), call.getAddress());
    if (request.type() >= MAXQUOTAS && context.refuse("F20 type")) {
      return context.fail(Errno.EINVAL, "F20 type");
    }
    if (call.getDevice() == null) {
      return request.command() == SYNC ? Result.ZERO : context.fail(Errno.ENODEV, "F20 no device");
    }
    PathWalk.Walk walk =
        PathWalk.walk(context, null, call.getDevice(), PathWalk.FOLLOW, Inode.S_IFBLK, 0);
    if (!(walk instanceof PathWalk.Found found)) {
      return Walks.failure(context, walk);
    }
    KernelState state = context.state();
    Dentry dentry = state.dentries.get(found.place().dentry());
    Inode inode = dentry == null ? null : state.inodes.get(dentry.inode());
    boolean block = inode != null && (inode.mode() & Inode.S_IFMT) == Inode.S_IFBLK;
    if (!block && context.refuse("F20 no block device")) {
      return context.fail(Errno.ENOTBLK, "F20 no block device");
    }
    BlockDevice device = inode == null ? null : BlockDevices.of(state, inode);
    Superblock superblock =
        device == null ? null : Superblocks.byDevice(state, device.major(), device.minor());
    if (superblock == null) {
      return context.simulated()
          ? context.fail(Errno.ENODEV, "F20 not mounted")
          : new Result.Unknown("what is mounted from the device");
    }
    Answer answer = run(context, superblock, request);
    return answer.text() == null
        ? answer.result()
        : Result.value(
            0,
            QuotactlCall.newBuilder(call)
                .setAddress(new Raw(Bytes.of(answer.text()).toBuffer()))
                .build());
  }

  /** A result, and what is written to the caller's memory. */
  private record Answer(Result result, String text) {}

  private static Answer no(Result result) {
    return new Answer(result, null);
  }

  /** do_quotactl(). */
  private static Answer run(CallContext context, Superblock superblock, Request request) {
    KernelState state = context.state();
    if (superblock == null) {
      return no(new Result.Unknown("what filesystem it is"));
    }
    if (NO_QUOTAS.contains(superblock.type().latin1()) && context.refuse("F20 no quotas")) {
      return no(context.fail(Errno.ENOSYS, "F20 no quotas"));
    }
    if (!context.simulated()) {
      return no(new Result.Unknown("the quotas of the filesystem"));
    }
    QuotaTypes types = Quotas.of(state, superblock);
    if (types == null) {
      return no(context.fail(Errno.ENOSYS, "F20 no quotas"));
    }
    if ((types.supported() & 1 << request.type()) == 0) {
      return no(context.fail(Errno.EINVAL, "F20 type of the filesystem"));
    }
    if (!permitted(context, superblock, request)) {
      return no(context.fail(Errno.EPERM, "F20 CAP_SYS_ADMIN"));
    }
    boolean on = (types.on() & 1 << request.type()) != 0;
    return switch (request.command()) {
      case SYNC -> no(Result.ZERO);
      case QUOTAON, QUOTAOFF -> turn(context, types, request, on);
      case GETFMT, SETINFO -> no(on ? Result.ZERO : context.fail(Errno.ESRCH, "F20 quota is off"));
      case GETINFO ->
          on ? new Answer(Result.ZERO, INFO) : no(context.fail(Errno.ESRCH, "F20 quota is off"));
      case GETQUOTA -> get(context, superblock, types, request, on);
      case SETQUOTA -> set(context, superblock, types, request, on);
      case GETNEXTQUOTA -> next(context, superblock, types, request, on);
      default -> no(context.fail(Errno.EINVAL, "F20 command"));
    };
  }

  /** check_quotactl_permission(). */
  private static boolean permitted(CallContext context, Superblock superblock, Request request) {
    KernelState state = context.state();
    Credentials who = context.task().credentials();
    switch (request.command()) {
      case SYNC, GETFMT, GETINFO -> {
        return true;
      }
      case GETQUOTA -> {
        boolean group = request.type() == Quotas.GROUP;
        int id = IdMap.toKernel(state, who.userNs(), (int) request.id(), group);
        boolean own =
            request.type() == Quotas.USER && id == who.euid()
                || group && (id == who.egid() || who.groups().contains(id));
        if (own && id != IdMap.INVALID) {
          return true;
        }
      }
      default -> {}
    }
    boolean lent =
        context.profile().has(KernelFeature.QUOTA_USERNS)
            && request.command() != QUOTAON
            && Capability.over(state, who, superblock.userNs(), Capability.SYS_ADMIN);
    return lent || Capability.initial(state, who, Capability.SYS_ADMIN);
  }

  private static Answer turn(CallContext context, QuotaTypes types, Request request, boolean on) {
    boolean asked = request.command() == QUOTAON;
    if (asked == on) {
      return no(
          asked
              ? context.fail(Errno.EEXIST, "F20 quota is on")
              : context.fail(Errno.ESRCH, "F20 quota is off"));
    }
    context.put(
        Tables.QUOTA_TYPES,
        new QuotaTypes(types.key(), types.supported(), types.on() ^ 1 << request.type()));
    return no(Result.ZERO);
  }

  /** The id as the kernel has it; -1 where the caller, or the filesystem, cannot name it. */
  private static int kernelId(CallContext context, Superblock superblock, Request request) {
    KernelState state = context.state();
    if (request.type() == Quotas.PROJECT) {
      return (int) request.id();
    }
    boolean group = request.type() == Quotas.GROUP;
    long callers = context.task().credentials().userNs();
    int id = IdMap.toKernel(state, callers, (int) request.id(), group);
    boolean mapped =
        id != IdMap.INVALID
            && IdMap.fromKernel(state, superblock.userNs(), id, group) != IdMap.INVALID;
    return mapped ? id : IdMap.INVALID;
  }

  /** The id as the filesystem stores it; projects have no namespaces. */
  private static int stored(KernelState state, Superblock superblock, int type, int id) {
    return type == Quotas.PROJECT
        ? id
        : IdMap.fromKernel(state, superblock.userNs(), id, type == Quotas.GROUP);
  }

  private static Answer get(
      CallContext context, Superblock superblock, QuotaTypes types, Request request, boolean on) {
    int id = kernelId(context, superblock, request);
    if (id == IdMap.INVALID) {
      return no(context.fail(Errno.EINVAL, "F20 id is not mapped"));
    }
    if (!on) {
      return no(context.fail(Errno.ESRCH, "F20 quota is off"));
    }
    return new Answer(Result.ZERO, text(context.state(), superblock, types, request.type(), id));
  }

  private static String text(
      KernelState state, Superblock superblock, QuotaTypes types, int type, int id) {
    int stored = stored(state, superblock, type, id);
    QuotaLimits limits = Quotas.limits(state, types.key(), type, stored);
    return ("{dqb_bhardlimit=%d, dqb_bsoftlimit=%d, dqb_curspace=%d, dqb_ihardlimit=%d,"
            + " dqb_isoftlimit=%d, dqb_curinodes=%d, dqb_btime=0, dqb_itime=0, dqb_valid=QIF_ALL}")
        .formatted(
            limits.blockHard(),
            limits.blockSoft(),
            Quotas.space(state, superblock, type, id),
            limits.inodeHard(),
            limits.inodeSoft(),
            Quotas.inodes(state, superblock, type, id));
  }

  private static Answer set(
      CallContext context, Superblock superblock, QuotaTypes types, Request request, boolean on) {
    int id = kernelId(context, superblock, request);
    if (id == IdMap.INVALID) {
      return no(context.fail(Errno.EINVAL, "F20 id is not mapped"));
    }
    if (!on) {
      return no(context.fail(Errno.ESRCH, "F20 quota is off"));
    }
    KernelState state = context.state();
    String text = Arguments.text(request.address());
    boolean all = text.contains("QIF_ALL") || text.contains("QIF_LIMITS");
    boolean blocks = all || text.contains("QIF_BLIMITS");
    boolean inodes = all || text.contains("QIF_ILIMITS");
    int stored = stored(state, superblock, request.type(), id);
    QuotaLimits old = Quotas.limits(state, types.key(), request.type(), stored);
    context.put(
        Tables.QUOTA_LIMITS,
        new QuotaLimits(
            old.key() == 0 ? context.newKey() : old.key(),
            types.key(),
            request.type(),
            stored,
            blocks ? member(text, "dqb_bhardlimit") : old.blockHard(),
            blocks ? member(text, "dqb_bsoftlimit") : old.blockSoft(),
            inodes ? member(text, "dqb_ihardlimit") : old.inodeHard(),
            inodes ? member(text, "dqb_isoftlimit") : old.inodeSoft()));
    return no(Result.ZERO);
  }

  /** The first id from the one given on that has limits and that the caller can name. */
  private static Answer next(
      CallContext context, Superblock superblock, QuotaTypes types, Request request, boolean on) {
    if (!on) {
      return no(context.fail(Errno.ESRCH, "F20 quota is off"));
    }
    KernelState state = context.state();
    boolean group = request.type() == Quotas.GROUP;
    long callers = context.task().credentials().userNs();
    long best = Long.MAX_VALUE;
    int found = IdMap.INVALID;
    for (long key : state.quotaByDevice.keys(types.key())) {
      QuotaLimits row = state.quotaLimits.require(key);
      boolean project = row.type() == Quotas.PROJECT;
      int id = project ? row.id() : IdMap.toKernel(state, superblock.userNs(), row.id(), group);
      int shown = project ? id : IdMap.fromKernel(state, callers, id, group);
      boolean later = shown != IdMap.INVALID && Integer.toUnsignedLong(shown) >= request.id();
      if (row.type() == request.type() && later && Integer.toUnsignedLong(shown) < best) {
        best = Integer.toUnsignedLong(shown);
        found = id;
      }
    }
    if (found == IdMap.INVALID) {
      return no(context.fail(Errno.ENOENT, "F20 no further id"));
    }
    String text = text(state, superblock, types, request.type(), found);
    return new Answer(Result.ZERO, text.replace("}", ", dqb_id=" + best + "}"));
  }

  private static long member(String text, String name) {
    Matcher matcher = Pattern.compile(name + "=(\\d+)").matcher(text);
    return matcher.find() ? Arguments.number(matcher.group(1), 0) : 0;
  }
}

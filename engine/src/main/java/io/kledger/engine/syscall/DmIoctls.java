package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.block.Mapper;
import io.kledger.engine.block.VerityTarget;
import io.kledger.engine.key.RootHashTrust;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.event.avro.IoctlCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.MappedDevice;
import io.kledger.kernel.block.MappedTable;

/** /dev/mapper/control: ctl_ioctl() of drivers/md/dm-ioctl.c. */
final class DmIoctls {
  private static final long READONLY = 1;
  private static final long SUSPEND = 2;
  private static final long STATUS_TABLE = 0x10;
  private static final long DEFERRED = 0x20000;
  private static final int NAME_MAX = 127;
  private static final long SECTOR = 512;

  private final CallContext context;
  private final KernelState state;
  private final IoctlCall call;
  private final RawStruct asked;
  private final Bytes name;
  private final Bytes uuid;

  private DmIoctls(CallContext context, IoctlCall call, RawStruct asked) {
    this.context = context;
    this.state = context.state();
    this.call = call;
    this.asked = asked;
    this.name = orEmpty(asked.quoted("name"));
    this.uuid = orEmpty(asked.quoted("uuid"));
  }

  private static Bytes orEmpty(Bytes text) {
    return text == null ? Bytes.EMPTY : text;
  }

  static Result ioctl(CallContext context, IoctlCall call) {
    boolean may =
        Capability.initial(context.state(), context.task().credentials(), Capability.SYS_ADMIN);
    if (!may) {
      return context.fail(Errno.EACCES, "C13 CAP_SYS_ADMIN");
    }
    RawStruct asked = RawStruct.of(call.getArgument());
    if (asked == null) {
      return context.fail(Errno.EFAULT, "C13 no struct dm_ioctl");
    }
    return new DmIoctls(context, call, asked).run();
  }

  private Result run() {
    int command = (int) (call.getRequest() & 0xff);
    if (command == 0) {
      return Result.ZERO;
    }
    if (command == 3) {
      return create();
    }
    MappedDevice device = Mapper.find(state, name, uuid);
    return switch (command) {
      case 4 -> device == null ? unknown() : remove(device);
      case 5 -> device == null ? unknown() : rename(device);
      case 6 -> device == null ? unknown() : suspend(device);
      case 7, 8, 11 -> device == null ? unknown() : Result.ZERO;
      case 9 -> device == null ? unknown() : load(device);
      case 10 -> {
        if (device == null) {
          yield unknown();
        }
        Mapper.clear(context, device);
        yield Result.ZERO;
      }
      case 12 -> device == null ? unknown() : status(device);
      case 1, 2, 13, 14, 15, 16, 17 -> new Result.Unknown("this request of device-mapper");
      default -> context.fail(Errno.ENOTTY, "C13 unknown request");
    };
  }

  private Result unknown() {
    return context.fail(Errno.ENXIO, "C13 no such device");
  }

  private Result invalid(String why) {
    return context.fail(Errno.EINVAL, "C13 " + why);
  }

  /** dev_create(). */
  private Result create() {
    boolean bad = name.isEmpty() || name.indexOf('/', 0) >= 0 || name.length() > NAME_MAX;
    if (bad) {
      return invalid("name");
    }
    boolean taken =
        Mapper.find(state, name, null) != null || Mapper.find(state, null, uuid) != null;
    if (taken) {
      return context.fail(Errno.EBUSY, "C13 name or uuid taken");
    }
    Mapper.create(context, name, uuid);
    return Result.ZERO;
  }

  /** dev_remove(). */
  private Result remove(MappedDevice device) {
    BlockDevice block = state.blockDevices.require(device.key());
    if (BlockHandles.users(state, block) > 0) {
      if ((asked.number("flags") & DEFERRED) != 0) {
        context.put(Tables.MAPPED_DEVICES, device.withDeferred());
        return Result.ZERO;
      }
      return context.fail(Errno.EBUSY, "C13 open");
    }
    Mapper.remove(context, device);
    return Result.ZERO;
  }

  private Result rename(MappedDevice device) {
    Bytes other = orEmpty(asked.quoted("newname"));
    if (other.isEmpty() || other.indexOf('/', 0) >= 0) {
      return invalid("name");
    }
    if (Mapper.find(state, other, null) != null) {
      return context.fail(Errno.EBUSY, "C13 name taken");
    }
    context.put(
        Tables.MAPPED_DEVICES,
        new MappedDevice(
            device.key(),
            other,
            device.uuid(),
            device.live(),
            device.inactive(),
            device.suspended(),
            device.deferred()));
    return Result.ZERO;
  }

  /** do_suspend(), do_resume(). */
  private Result suspend(MappedDevice device) {
    if ((asked.number("flags") & SUSPEND) != 0) {
      context.put(Tables.MAPPED_DEVICES, device.withSuspended(true));
      return Result.ZERO;
    }
    if (device.live() == 0 && device.inactive() == 0) {
      return invalid("no table");
    }
    Mapper.resume(context, device);
    return Result.ZERO;
  }

  /** table_status(): the line of the target, or {@code V} as long as nothing was found corrupt. */
  private Result status(MappedDevice device) {
    MappedTable table = state.mappedTables.get(device.live());
    boolean params = (asked.number("flags") & STATUS_TABLE) != 0;
    String target =
        table == null
            ? ""
            : "{sector_start=0, length="
                + table.sectors()
                + ", target_type=\""
                + table.type().latin1()
                + "\", string=\""
                + (params ? table.params().latin1() : "V")
                + "\"}";
    String text = "{name=\"" + device.name().latin1() + "\", flags=0, targets=[" + target + "]}";
    Raw out = new Raw(Bytes.of(text).toBuffer());
    return Result.value(0, IoctlCall.newBuilder(call).setArgument(out).build());
  }

  /** table_load(): the constructor of the target runs here. */
  private Result load(MappedDevice device) {
    var targets = asked.list("targets");
    if (targets.size() != 1) {
      return targets.isEmpty()
          ? invalid("no target")
          : new Result.Unknown("tables of several targets");
    }
    RawStruct target = RawStruct.of(targets.getFirst());
    if (target == null || target.number("sector_start") != 0 || target.number("length") <= 0) {
      return invalid("target");
    }
    Bytes type = orEmpty(target.quoted("target_type"));
    String params = orEmpty(target.quoted("string")).latin1();
    return switch (type.latin1()) {
      case "verity" -> verity(device, target.number("length"), params);
      case "linear" -> linear(device, target.number("length"), params);
      default -> invalid("unknown target");
    };
  }

  private BlockDevice device(String word) {
    if (word.matches("[0-9]{1,6}:[0-9]{1,8}")) {
      int colon = word.indexOf(':');
      return BlockDevices.of(
          state,
          Integer.parseInt(word.substring(0, colon)),
          Integer.parseInt(word.substring(colon + 1)));
    }
    for (BlockDevice device : state.blockDevices.rows()) {
      if (device.path().latin1().equals(word)) {
        return device;
      }
    }
    return null;
  }

  private Result verity(MappedDevice device, long sectors, String params) {
    boolean readOnly = (asked.number("flags") & READONLY) != 0;
    VerityTarget target =
        VerityTarget.parse(params, context.profile().has(KernelFeature.VERITY_KEYRING));
    if (!readOnly || target.wrong() != null) {
      return invalid(readOnly ? target.wrong() : "must be read-only");
    }
    BlockDevice data = device(target.data());
    BlockDevice hash = device(target.hash());
    if (data == null || hash == null) {
      return context.fail(Errno.ENODEV, "C13 no such device below");
    }
    if (Mapper.claimed(state, data) || Mapper.claimed(state, hash)) {
      return context.fail(Errno.EBUSY, "C13 device below claimed");
    }
    long bytes = target.dataBlocks() * target.dataBlockSize();
    if (bytes > data.size() || sectors * SECTOR > bytes) {
      return invalid("data device too small");
    }
    RootHashTrust.Verdict verdict =
        RootHashTrust.judge(context, target.signature(), target.keyring());
    if (verdict.errno() != 0) {
      context.notice(
          "verity.rejected", "name", name.latin1(), "errno", Integer.toString(verdict.errno()));
      return context.fail(verdict.errno(), "F37 root hash signature");
    }
    if (target.signature() != null) {
      context.notice(
          "verity.verified", "name", name.latin1(), "keyring", Integer.toString(verdict.keyring()));
    }
    install(device, "verity", params, sectors, true, data, hash, verdict.keyring());
    return Result.ZERO;
  }

  private Result linear(MappedDevice device, long sectors, String params) {
    String[] words = params.strip().split("\\s+");
    if (words.length != 2 || !words[1].matches("[0-9]{1,18}")) {
      return invalid("linear");
    }
    BlockDevice data = device(words[0]);
    if (data == null) {
      return context.fail(Errno.ENODEV, "C13 no such device below");
    }
    if (Mapper.claimed(state, data)) {
      return context.fail(Errno.EBUSY, "C13 device below claimed");
    }
    boolean readOnly = (asked.number("flags") & READONLY) != 0;
    if (!readOnly && data.refusesWrites()) {
      return context.fail(Errno.EACCES, "C13 read-only device below");
    }
    if ((Long.parseLong(words[1]) + sectors) * SECTOR > data.size()) {
      return invalid("device too small");
    }
    install(device, "linear", params, sectors, readOnly, data, data, 0);
    return Result.ZERO;
  }

  private void install(
      MappedDevice device,
      String type,
      String params,
      long sectors,
      boolean readOnly,
      BlockDevice data,
      BlockDevice hash,
      int keyring) {
    MappedTable table =
        new MappedTable(
            context.newKey(),
            Bytes.of(type),
            Bytes.of(params),
            sectors,
            readOnly,
            data.key(),
            hash.key() == data.key() ? 0 : context.newKey(),
            keyring);
    Mapper.load(context, device, table, hash);
  }
}

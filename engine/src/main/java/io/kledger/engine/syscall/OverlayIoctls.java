package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.Overlay;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.event.avro.IoctlCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.overlay.OverlayLayer;

/** Proposed: asking an overlay for its layers. */
final class OverlayIoctls {
  private static final int OPEN_LAYER = 0x4f01;
  private static final int GET_LAYERS_INFO = 0x80104f02;
  private static final int GET_LAYER_STAT = 0xc0204f03;

  private OverlayIoctls() {}

  /** Null if the request is none of these. */
  static Result ioctl(CallContext context, OpenFileDescription file, IoctlCall call) {
    int request = (int) call.getRequest();
    boolean mine = request == OPEN_LAYER || request == GET_LAYERS_INFO || request == GET_LAYER_STAT;
    if (!mine || !context.simulated()) {
      return null;
    }
    KernelState state = context.state();
    Dentry dentry = state.dentries.get(file.place().dentry());
    Superblock superblock = dentry == null ? null : state.superblocks.get(dentry.superblock());
    boolean overlay =
        superblock != null && state.overlayLayersBySuperblock.count(superblock.key()) > 0;
    if (!overlay || !context.profile().has(KernelFeature.OVL_QUERY)) {
      return context.fail(Errno.ENOTTY, "F43 no overlay");
    }
    boolean may =
        Capability.over(
            state, context.task().credentials(), superblock.userNs(), Capability.SYS_ADMIN);
    if (!may) {
      return context.fail(Errno.EPERM, "F43 CAP_SYS_ADMIN");
    }
    return switch (request) {
      case OPEN_LAYER -> open(context, superblock, (int) BlockIoctls.number(call));
      case GET_LAYERS_INFO -> info(context, superblock, call);
      default -> stat(context, superblock, call);
    };
  }

  private static Result open(CallContext context, Superblock superblock, int index) {
    KernelState state = context.state();
    OverlayLayer layer = index < 0 ? null : Overlay.layer(state, superblock.key(), index);
    if (layer == null) {
      return context.fail(Errno.ENOENT, "F43 no such layer");
    }
    Mount mount = state.mounts.require(layer.mount());
    OpenFileDescription file =
        Files.open(
            context, new Place(mount.key(), mount.root()), OpenFlags.PATH | OpenFlags.DIRECTORY);
    return FdTables.install(context, file, true);
  }

  private static Result info(CallContext context, Superblock superblock, IoctlCall call) {
    if (call.getArgument() == null
        || call.getArgument() instanceof Raw raw && Arguments.text(raw).equals("NULL")) {
      return context.fail(Errno.EFAULT, "F43 no memory");
    }
    KernelState state = context.state();
    int lower = 0;
    int data = 0;
    boolean upper = false;
    for (long key : state.overlayLayersBySuperblock.keys(superblock.key())) {
      OverlayLayer layer = state.overlayLayers.require(key);
      upper |= layer.index() == 0;
      lower += layer.index() > 0 && !layer.data() ? 1 : 0;
      data += layer.data() ? 1 : 0;
    }
    return answer(
        call,
        "{numlower=%d, numlowerdata=%d, flags=%s}"
            .formatted(lower, data, upper ? "OVL_LAYERS_HAS_UPPER" : "0"));
  }

  private static Result stat(CallContext context, Superblock superblock, IoctlCall call) {
    RawStruct asked = RawStruct.of(call.getArgument());
    if (asked == null) {
      return context.fail(Errno.EFAULT, "F43 no memory");
    }
    int index = (int) asked.number("idx");
    KernelState state = context.state();
    OverlayLayer layer = index < 0 ? null : Overlay.layer(state, superblock.key(), index);
    if (layer == null) {
      return context.fail(Errno.ENOENT, "F43 no such layer");
    }
    Mount mount = state.mounts.require(layer.mount());
    Superblock real = state.superblocks.require(mount.superblock());
    String magic = StatfsAnswer.magic(real.type().toString());
    return answer(
        call,
        "{idx=%d, dev=makedev(%s, %s), fstype=%s, mnt_id=0x%x, flags=%s}"
            .formatted(
                index,
                hex(real.major()),
                hex(real.minor()),
                magic == null ? "0" : magic,
                mount.uniqueId(),
                flags(layer)));
  }

  private static String hex(int number) {
    return number == 0 ? "0" : "0x" + Integer.toHexString(number);
  }

  private static String flags(OverlayLayer layer) {
    String text =
        (layer.index() == 0 ? "|OVL_LAYER_UPPER" : "")
            + (layer.data() ? "|OVL_LAYER_DATA" : "")
            + (layer.immutable() ? "|OVL_LAYER_IMMUTABLE" : "");
    return text.isEmpty() ? "0" : text.substring(1);
  }

  private static Result answer(IoctlCall call, String text) {
    return Result.value(
        0, new IoctlCall(call.getFd(), call.getRequest(), new Raw(Bytes.of(text).toBuffer())));
  }
}

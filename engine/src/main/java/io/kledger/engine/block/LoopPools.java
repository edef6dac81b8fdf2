package io.kledger.engine.block;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Dcache;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.path.PathText;
import java.util.ArrayList;
import java.util.List;

/** Sets of loop devices: that of the machine, and one for each loopfs (proposed). */
public final class LoopPools {
  private static final String LIMIT = "user.max_loop_instances=";
  private static final int DEFAULT_MAX = 255;
  private static final int MISC_MAJOR = 10;
  private static final int LOOP_CONTROL_MINOR = 237;

  private LoopPools() {}

  /** Devices of a pool, by number; {@code instance} 0 is the machine's. */
  public static List<BlockDevice> devices(KernelState state, long instance) {
    List<BlockDevice> devices = new ArrayList<>();
    for (BlockDevice device : state.blockDevices.rows()) {
      if (device.kind() == BlockDevice.Kind.LOOP && device.instance() == instance) {
        devices.add(device);
      }
    }
    devices.sort((a, b) -> Integer.compare(a.index(), b.index()));
    return devices;
  }

  /** Device of a number in a pool, or null. */
  public static BlockDevice device(KernelState state, long instance, int index) {
    for (BlockDevice device : devices(state, instance)) {
      if (device.index() == index) {
        return device;
      }
    }
    return null;
  }

  /** The lowest number that no device of a pool has. */
  public static int free(KernelState state, long instance) {
    int index = 0;
    for (BlockDevice device : devices(state, instance)) {
      if (device.index() == index) {
        index++;
      }
    }
    return index;
  }

  /** The pool of a control node: key of its loopfs, or 0. */
  public static long of(KernelState state, Inode control) {
    Superblock superblock = state.superblocks.get(control.superblock());
    return superblock != null && superblock.type().latin1().equals("loopfs") ? superblock.key() : 0;
  }

  /** Whether a pool may not grow. */
  public static boolean full(KernelState state, long instance) {
    Superblock superblock = state.superblocks.get(instance);
    if (superblock == null) {
      return false;
    }
    int max = DEFAULT_MAX;
    for (String option : superblock.options().latin1().split(",")) {
      if (option.startsWith("max=")) {
        max = Integer.parseInt(option.substring(4));
      }
    }
    return devices(state, instance).size() >= max;
  }

  /** Whether a user namespace may have no more of them (user.max_loop_instances). */
  public static boolean tooMany(KernelState state, long userNs) {
    Machine machine = state.machine.get(1);
    int most = Integer.MAX_VALUE;
    for (String line : machine == null ? List.<String>of() : machine.settings()) {
      if (line.startsWith(LIMIT)) {
        most = Integer.parseInt(line.substring(LIMIT.length()));
      }
    }
    int there = 0;
    for (Superblock row : state.superblocks.rows()) {
      there += row.userNs() == userNs && row.type().latin1().equals("loopfs") ? 1 : 0;
    }
    return there >= most;
  }

  /** A fresh loopfs: only its control node is there. */
  public static void begin(CallContext context, Superblock superblock) {
    int uid = context.task().credentials().fsuid();
    int gid = context.task().credentials().fsgid();
    Dcache.createChild(
        context,
        superblock.root(),
        Bytes.of("loop-control"),
        new Dcache.Spec(
            Inode.S_IFCHR | 0660, uid, gid, MISC_MAJOR, LOOP_CONTROL_MINOR, Bytes.EMPTY));
    context.notice("loopfs.mounted", "sb", Long.toString(superblock.key()));
  }

  /** The loopfs is gone: devices in use stay until their last user, the others go. */
  public static void end(CallContext context, long instance) {
    KernelState state = context.state();
    context.notice("loopfs.unmounted", "sb", Long.toString(instance));
    for (BlockDevice device : devices(state, instance)) {
      LoopBinding binding = state.loopBindings.get(device.key());
      if (BlockHandles.users(state, device) > 0) {
        if (binding != null) {
          context.put(
              Tables.LOOP_BINDINGS, binding.withFlags(binding.flags() | LoopBinding.AUTOCLEAR));
        }
      } else if (binding != null) {
        Loops.detach(context, device);
      } else {
        Loops.remove(context, device);
      }
    }
  }

  /** Where a loopfs is mounted, for the names of its devices. */
  static String path(KernelState state, long instance) {
    for (long key : state.mountsBySuperblock.keys(instance)) {
      Mount mount = state.mounts.require(key);
      return PathText.fromTop(state, new Place(mount.key(), mount.root())).latin1();
    }
    return "";
  }
}

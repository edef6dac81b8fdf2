package io.kledger.view;

import io.kledger.engine.block.BlockDevices;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.path.PathText;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Block devices: what lsblk(8) and losetup(8) show, and who has them open. */
public final class BlockDevicesView {
  private static final long[] FLAGS = {1, 4, 8, 16, 32};
  private static final String[] NAMES = {
    "LO_FLAGS_READ_ONLY",
    "LO_FLAGS_AUTOCLEAR",
    "LO_FLAGS_PARTSCAN",
    "LO_FLAGS_DIRECT_IO",
    "LO_FLAGS_IMMUTABLE"
  };

  private BlockDevicesView() {}

  /** Devices by number. */
  public static List<BlockDevice> devices(KernelState state) {
    List<BlockDevice> devices = new ArrayList<>();
    state.blockDevices.rows().forEach(devices::add);
    devices.sort(
        (a, b) ->
            a.major() != b.major()
                ? Integer.compare(a.major(), b.major())
                : Integer.compare(a.minor(), b.minor()));
    return devices;
  }

  /** Lines of the scenario view; {@code path} keeps one device, null all. */
  public static List<String> lines(KernelState state, String path) {
    List<String> lines = new ArrayList<>();
    for (BlockDevice device : devices(state)) {
      if (path == null || path.equals(device.path().latin1())) {
        lines.add(line(state, device));
      }
    }
    return lines;
  }

  private static String line(KernelState state, BlockDevice device) {
    StringBuilder line = new StringBuilder();
    line.append(device.major()).append(':').append(device.minor());
    line.append(' ').append(device.path().latin1());
    line.append(device.refusesWrites() ? " ro" : " rw");
    line.append(" size=").append(device.size()).append(" diskseq=").append(device.diskseq());
    LoopBinding binding = state.loopBindings.get(device.key());
    if (binding != null) {
      line.append(" backing=").append(backing(state, binding));
      if (binding.flags() != 0) {
        line.append(' ').append(flags(binding.flags()));
      }
    }
    return line.toString();
  }

  /** LO_FLAGS_* names joined by bars; 0 if none. */
  public static String flags(long flags) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < FLAGS.length; i++) {
      if ((flags & FLAGS[i]) != 0) {
        names.add(NAMES[i]);
      }
    }
    return names.isEmpty() ? "0" : String.join("|", names);
  }

  /** Path of the backing file, as sysfs prints it. */
  public static String backing(KernelState state, LoopBinding binding) {
    OpenFileDescription file = state.descriptions.get(binding.backing());
    if (file == null) {
      return "";
    }
    return file.place().known()
        ? PathText.fromTop(state, file.place()).latin1()
        : file.name().latin1();
  }

  /** A table of devices. */
  public static Sheet sheet(KernelState state) {
    Sheet sheet =
        Sheet.of(
            "MAJ:MIN",
            "PATH",
            "RO",
            "SIZE",
            "DISKSEQ",
            "BACK-FILE",
            "FLAGS",
            "HOLDERS",
            "IMMUTABLE",
            "WRITERS-AT-BIND",
            "DENIED",
            "OWNER-USERNS",
            "WEAKEST");
    for (BlockDevice device : devices(state)) {
      LoopBinding binding = state.loopBindings.get(device.key());
      boolean bound = binding != null;
      sheet.row(
          device.major() + ":" + device.minor(),
          device.path(),
          device.refusesWrites(),
          device.size(),
          device.diskseq(),
          bound ? backing(state, binding) : null,
          bound && binding.flags() != 0 ? flags(binding.flags()) : null,
          holders(state, device),
          bound ? (Object) binding.is(LoopBinding.IMMUTABLE) : null,
          bound ? (Object) binding.writersAtBind() : null,
          bound ? (Object) binding.denied() : null,
          device.userNs() == 0 ? null : Tasks.inode(state, device.userNs()),
          weakest(state, device));
    }
    return sheet;
  }

  /**
   * The first loop device, downwards from this one, whose content others may change; null if this
   * is no loop device, or every one is immutable.
   */
  private static Object weakest(KernelState state, BlockDevice device) {
    BlockDevice at = device;
    while (at != null && at.kind() == BlockDevice.Kind.LOOP) {
      LoopBinding binding = state.loopBindings.get(at.key());
      if (binding == null || !binding.is(LoopBinding.IMMUTABLE)) {
        return binding == null ? null : at.path();
      }
      Inode file = state.inodes.get(binding.inode());
      BlockDevice below = BlockDevices.of(state, file);
      Superblock superblock = file == null ? null : state.superblocks.get(file.superblock());
      at =
          below != null || superblock == null
              ? below
              : BlockDevices.of(state, superblock.major(), superblock.minor());
    }
    return null;
  }

  /** Who has a device open: PID:FD, or the kernel's own holder; {@code !} marks the claimant. */
  private static List<Object> holders(KernelState state, BlockDevice device) {
    TreeSet<String> holders = new TreeSet<>();
    for (long key : state.blockHandlesByDevice.keys(device.key())) {
      BlockHandle handle = state.blockHandles.get(key);
      String mark = handle.exclusive() ? "!" : "";
      switch (handle.holder()) {
        case SUPERBLOCK -> holders.add("mounted" + mark);
        case FS_CONTEXT -> holders.add("fscontext" + mark);
        case MAPPED -> holders.add("dm" + mark);
        case FILE -> {
          for (long slot : state.fdsByDescription.keys(key)) {
            var row = state.fds.get(slot);
            for (long task : state.tasksByFiles.keys(row.table())) {
              holders.add(state.tasks.get(task).tid() + ":" + row.fd() + mark);
            }
          }
        }
      }
    }
    return new ArrayList<>(holders);
  }
}

package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.block.Loops;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.event.avro.IoctlCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.change.BlockChange;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.view.BlockDevicesView;

/** Requests of loop devices: lo_ioctl() of drivers/block/loop.c. */
final class LoopIoctls {
  private static final long SETTABLE =
      LoopBinding.READ_ONLY | LoopBinding.AUTOCLEAR | LoopBinding.PARTSCAN | LoopBinding.DIRECT_IO;
  private static final long PAGE = 4096;
  private static final long SECTOR = 512;

  private final CallContext context;
  private final KernelState state;
  private final OpenFileDescription file;
  private final BlockDevice device;
  private final LoopBinding binding;
  private final IoctlCall call;

  private LoopIoctls(
      CallContext context, OpenFileDescription file, BlockDevice device, IoctlCall call) {
    this.context = context;
    this.state = context.state();
    this.file = file;
    this.device = device;
    this.binding = state.loopBindings.get(device.key());
    this.call = call;
  }

  static Result ioctl(
      CallContext context, OpenFileDescription file, BlockDevice device, IoctlCall call) {
    return new LoopIoctls(context, file, device, call).run();
  }

  private Result run() {
    return switch ((int) call.getRequest()) {
      case 0x4c00 -> configure((int) BlockIoctls.number(call), null, 0);
      case 0x4c0a -> configure();
      case 0x4c01 -> clear();
      case 0x4c02, 0x4c04 -> setStatus();
      case 0x4c03, 0x4c05 -> getStatus();
      case 0x4c06 -> change();
      case 0x4c07 -> capacity();
      case 0x4c08 -> directIo();
      case 0x4c09 -> blockSize();
      default -> context.fail(Errno.EINVAL, "lo_simple_ioctl: unknown");
    };
  }

  private boolean bound() {
    return binding != null && !binding.rundown();
  }

  private Result unbound() {
    return context.fail(Errno.ENXIO, "C11.3 unbound");
  }

  private Result configure() {
    RawStruct config = RawStruct.of(call.getArgument());
    if (config == null) {
      return context.fail(Errno.EFAULT, "C11.2 no struct loop_config");
    }
    RawStruct info = RawStruct.of(config.member("info"));
    int fd = (int) Arguments.number(config.has("fd") ? config.member("fd") : "0", -1);
    return configure(fd, info, config.number("block_size"));
  }

  private static long member(RawStruct info, String name) {
    return info == null ? 0 : info.number(name);
  }

  /** loop_configure(). */
  private Result configure(int fd, RawStruct info, long blockSize) {
    OpenFileDescription backing = description(fd);
    if (backing == null || backing.pathOnly()) {
      return context.fail(Errno.EBADF, "C11.2 backing file");
    }
    Inode inode = state.inodes.get(backing.inode());
    if (!readable(inode, backing)) {
      return context.fail(Errno.EINVAL, "C11.2 cannot be read");
    }
    if (BlockHandles.claimant(state, device, file.key()) != null) {
      return context.fail(Errno.EBUSY, "C11.2 exclusive opener");
    }
    if (binding != null) {
      return context.fail(Errno.EBUSY, "C11.2 bound");
    }
    Result wrong = validate(inode);
    if (wrong != null) {
      return wrong;
    }
    boolean feature = context.profile().has(KernelFeature.LOOP_IMMUTABLE);
    long flags = member(info, "lo_flags");
    long known = SETTABLE | (feature ? LoopBinding.IMMUTABLE : 0);
    boolean badSize =
        blockSize != 0 && (blockSize < SECTOR || blockSize > PAGE || Long.bitCount(blockSize) != 1);
    if ((flags & ~known) != 0 || badSize || member(info, "lo_encrypt_type") != 0) {
      return context.fail(Errno.EINVAL, "C11.2 flags");
    }
    if (member(info, "lo_offset") < 0 || member(info, "lo_sizelimit") < 0) {
      return context.fail(Errno.EOVERFLOW, "C11.2 offset");
    }
    int writers = Loops.writers(state, backing.inode());
    boolean immutable = (flags & LoopBinding.IMMUTABLE) != 0;
    if (immutable && writers > 0) {
      return context.fail(Errno.ETXTBSY, "F16.2 writers");
    }
    if (immutable || !backing.writable() || !file.writable()) {
      flags |= LoopBinding.READ_ONLY;
    }
    LoopBinding made =
        new LoopBinding(
            device.key(),
            false,
            backing.key(),
            backing.inode(),
            flags,
            member(info, "lo_offset"),
            member(info, "lo_sizelimit"),
            writers,
            0);
    Loops.attach(context, device, made);
    Loops.seen(context, file.key());
    return Result.ZERO;
  }

  private OpenFileDescription description(int fd) {
    FdSlot slot = state.fd(context.task().files(), fd);
    return slot == null ? null : state.descriptions.get(slot.description());
  }

  /** loop_check_backing_file(): what has no read_iter is out, before anything else. */
  private static boolean readable(Inode inode, OpenFileDescription backing) {
    boolean kind = backing.kind() == FileKind.PATH || backing.kind() == FileKind.MEMFD;
    int type = inode == null ? 0 : inode.mode() & Inode.S_IFMT;
    return kind && (type == Inode.S_IFREG || type == Inode.S_IFBLK);
  }

  /** loop_validate_file(): no circles. */
  private Result validate(Inode inode) {
    Inode at = inode;
    BlockDevice below = BlockDevices.of(state, at);
    if (below != null && device.instance() != 0) {
      boolean owned = BlockDevices.ownedWithin(state, below, device.userNs());
      if (!owned) {
        return context.fail(Errno.EPERM, "F31.4 owner of the backing device");
      }
    }
    while (below != null && below.kind() == BlockDevice.Kind.LOOP) {
      if (below.key() == device.key()) {
        return context.fail(Errno.EBADF, "C11.2 recursion");
      }
      LoopBinding lower = state.loopBindings.get(below.key());
      if (lower == null || lower.rundown()) {
        return context.fail(Errno.EINVAL, "C11.2 unbound below");
      }
      at = state.inodes.get(lower.inode());
      below = BlockDevices.of(state, at);
    }
    return null;
  }

  /** loop_clr_fd(). */
  private Result clear() {
    if (!bound()) {
      return unbound();
    }
    LoopBinding cleared = binding.withFlags(binding.flags() | LoopBinding.AUTOCLEAR);
    boolean sole = BlockHandles.users(state, device) == 1;
    context.put(io.kledger.kernel.Tables.LOOP_BINDINGS, sole ? cleared.withRundown() : cleared);
    BlockDevices.put(context, device);
    return Result.ZERO;
  }

  private boolean mayChange() {
    return file.writable() || BlockDevices.capable(context, device, Capability.SYS_ADMIN);
  }

  private Result barred() {
    return context.fail(Errno.EPERM, "C11.3 CAP_SYS_ADMIN");
  }

  private Result immutable() {
    return context.fail(Errno.EPERM, "F16.3 immutable");
  }

  /** loop_set_status(). */
  private Result setStatus() {
    if (!mayChange()) {
      return barred();
    }
    RawStruct info = RawStruct.of(call.getArgument());
    if (info == null) {
      return context.fail(Errno.EFAULT, "C11.3 no struct loop_info64");
    }
    if (!bound()) {
      return unbound();
    }
    long offset = info.number("lo_offset");
    long limit = info.number("lo_sizelimit");
    boolean moved = offset != binding.offset() || limit != binding.sizeLimit();
    if (moved && binding.is(LoopBinding.IMMUTABLE)) {
      return immutable();
    }
    if (info.number("lo_encrypt_type") != 0) {
      return context.fail(Errno.EINVAL, "C11.3 encryption");
    }
    if (offset < 0 || limit < 0) {
      return context.fail(Errno.EOVERFLOW, "C11.3 offset");
    }
    long asked = info.number("lo_flags");
    long flags =
        binding.flags() & ~LoopBinding.AUTOCLEAR
            | asked & LoopBinding.AUTOCLEAR
            | asked & LoopBinding.PARTSCAN;
    LoopBinding changed = binding.withFlags(flags).withRange(offset, limit);
    Loops.resize(context, device, changed);
    return Result.ZERO;
  }

  /** loop_get_status(). */
  private Result getStatus() {
    if (!bound()) {
      return unbound();
    }
    Inode inode = state.inodes.get(binding.inode());
    String path = BlockDevicesView.backing(state, binding);
    String text =
        "{lo_inode="
            + (inode == null ? 0 : inode.number())
            + ", lo_offset="
            + binding.offset()
            + ", lo_sizelimit="
            + binding.sizeLimit()
            + ", lo_number="
            + device.index()
            + ", lo_encrypt_type=LO_CRYPT_NONE, lo_encrypt_key_size=0, lo_flags="
            + BlockDevicesView.flags(binding.flags())
            + ", lo_file_name=\""
            + path.substring(0, Math.min(path.length(), 63))
            + "\"}";
    Raw out = new Raw(Bytes.of(text).toBuffer());
    return Result.value(0, IoctlCall.newBuilder(call).setArgument(out).build());
  }

  /** loop_change_fd(): the uevent is sent even if it fails. */
  private Result change() {
    OpenFileDescription backing = description((int) BlockIoctls.number(call));
    if (backing == null || backing.pathOnly()) {
      return context.fail(Errno.EBADF, "C11.4 backing file");
    }
    Result wrong = mayNotChange(backing);
    if (wrong != null) {
      BlockDevices.tell(context, BlockChange.What.CHANGE, device);
      return wrong;
    }
    Loops.change(context, device, binding, backing);
    Loops.seen(context, file.key());
    return Result.ZERO;
  }

  private Result mayNotChange(OpenFileDescription backing) {
    if (!bound()) {
      return unbound();
    }
    if (binding.is(LoopBinding.IMMUTABLE)) {
      return immutable();
    }
    if (!binding.is(LoopBinding.READ_ONLY)) {
      return context.fail(Errno.EINVAL, "C11.4 not read-only");
    }
    for (long key : state.blockHandlesByDevice.keys(device.key())) {
      BlockHandle handle = state.blockHandles.require(key);
      if (handle.pinned()) {
        return context.fail(Errno.EBUSY, "F35.3 pinned by diskseq");
      }
    }
    Inode inode = state.inodes.get(backing.inode());
    if (!readable(inode, backing)) {
      return context.fail(Errno.EINVAL, "C11.4 type");
    }
    Result wrong = validate(inode);
    if (wrong != null) {
      return wrong;
    }
    long size = Loops.size(state, inode, binding.offset(), binding.sizeLimit());
    return size == device.size() ? null : context.fail(Errno.EINVAL, "C11.4 size");
  }

  private Result capacity() {
    if (!mayChange()) {
      return barred();
    }
    if (!bound()) {
      return unbound();
    }
    if (binding.is(LoopBinding.IMMUTABLE)) {
      return immutable();
    }
    Loops.resize(context, device, binding);
    return Result.ZERO;
  }

  private Result directIo() {
    if (!mayChange()) {
      return barred();
    }
    if (!bound()) {
      return unbound();
    }
    boolean on = BlockIoctls.number(call) != 0;
    long flags = binding.flags() & ~LoopBinding.DIRECT_IO | (on ? LoopBinding.DIRECT_IO : 0);
    Loops.resize(context, device, binding.withFlags(flags));
    return Result.ZERO;
  }

  private Result blockSize() {
    if (!mayChange()) {
      return barred();
    }
    if (!bound()) {
      return unbound();
    }
    if (binding.is(LoopBinding.IMMUTABLE)) {
      return immutable();
    }
    long size = BlockIoctls.number(call);
    boolean wrong = size < SECTOR || size > PAGE || Long.bitCount(size) != 1;
    return wrong ? context.fail(Errno.EINVAL, "C11.3 block size") : Result.ZERO;
  }
}

package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.binfmt.Binfmt;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.block.LoopPools;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Text;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.FsDevice;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.task.Credentials;
import java.util.List;

/** do_new_mount(): a filesystem that is not mounted yet, or once more. */
public final class NewMount {
  /** A superblock to mount, or why there is none. */
  public sealed interface Found {}

  /** It is there; {@code existing} if it was before. */
  public record Ready(Superblock superblock, boolean existing) implements Found {}

  /** The kernel refuses, or the log cannot tell. */
  public record Not(Result result) implements Found {}

  /** A type or a source of which the log has only the address. */
  public static final Bytes NOT_SHOWN = Bytes.of("?");

  private NewMount() {}

  /** mount(2) without any of the special flags. */
  public static Result mount(
      CallContext context, Place target, Bytes type, Text source, long word, Bytes data) {
    if (type == null) {
      return context.fail(Errno.EINVAL, "C9.5 no filesystem type");
    }
    if (type.equals(NOT_SHOWN) && !context.succeeded()) {
      return new Result.Unknown("which filesystem type");
    }
    Subdir.Split split = Subdir.split(context, data);
    if (split.wrong() && context.refuse("F01.1 subdir")) {
      return context.fail(Errno.EINVAL, "F01.1 subdir");
    }
    int mark = context.mark();
    Found found = superblock(context, type, source, word, split.data());
    if (found instanceof Not not) {
      MountIds.rollback(context, mark);
      return not.result();
    }
    Superblock superblock = ((Ready) found).superblock();
    KernelState state = context.state();
    long root =
        split.path() == null
            ? superblock.root()
            : Subdir.resolve(context, superblock, split.path());
    if (root < 0) {
      MountIds.rollback(context, mark);
      return context.fail((int) -root, "F01.3 subdir");
    }
    Place place = MountTree.topmost(state, target);
    Mount under = state.mounts.get(place.mount());
    boolean same =
        ((Ready) found).existing()
            && under.superblock() == superblock.key()
            && under.root() == place.dentry()
            && root == place.dentry();
    if (same && context.refuse("C9.5 already mounted there")) {
      MountIds.rollback(context, mark);
      return context.fail(Errno.EBUSY, "C9.5 already mounted there");
    }
    Mount mount =
        fresh(
            context,
            superblock,
            split.path() == null ? 0 : root,
            shown(source),
            MountFlags.requested(word),
            MountCause.Kind.NEW);
    return MountOperations.graft(context, mount.key(), place, mark);
  }

  private static Bytes shown(Text source) {
    return source != null && source.getAddress() != null ? NOT_SHOWN : name(source);
  }

  /** The source as mountinfo prints it; null for a null pointer. */
  static Bytes name(Text source) {
    return source == null || source.getAddress() != null ? null : Bytes.of(source.getValue());
  }

  /** vfs_create_mount(): a mount of the whole filesystem, in no namespace yet. */
  public static Mount fresh(
      CallContext context, Superblock superblock, Bytes source, long flags, MountCause.Kind kind) {
    return fresh(context, superblock, 0, source, flags, kind);
  }

  /** As above, of what is below {@code root}; 0: of the whole filesystem. */
  static Mount fresh(
      CallContext context,
      Superblock superblock,
      long root,
      Bytes source,
      long flags,
      MountCause.Kind kind) {
    Mount mount =
        new Mount(
            context.newKey(),
            MountIds.mount(context),
            MountIds.unique(context),
            0,
            0,
            0,
            context.next(CounterId.ORDER),
            root == 0 ? CgroupRoots.of(context, superblock) : root,
            superblock.key(),
            source,
            flags,
            0,
            false,
            0,
            0,
            0,
            0,
            0,
            false,
            0,
            false,
            new MountCause(kind, 0, context.position()),
            Attaching.owner(context.state(), Attaching.callerNamespace(context)));
    context.emit(new MountChange.Created(mount));
    return mount;
  }

  /** vfs_get_tree(). */
  public static Found superblock(
      CallContext context, Bytes type, Text source, long word, Bytes data) {
    return superblock(context, type, source, word, data, Prepared.NOTHING);
  }

  /**
   * What a context found out before the superblock is made.
   *
   * @param device the device it opened, or null
   * @param layers of an overlay: where the layers are that options name one by one
   */
  record Prepared(FsDevice device, List<Place> layers) {
    static final Prepared NOTHING = new Prepared(null, List.of());
  }

  /** As above, for a context. */
  static Found superblock(
      CallContext context, Bytes type, Text source, long word, Bytes data, Prepared prepared) {
    FsDevice pin = prepared.device();
    FilesystemType known = FilesystemType.of(context, type);
    boolean shown = !type.equals(NOT_SHOWN);
    if (known == null && shown && context.refuse("C9.5 unknown filesystem type")) {
      boolean certain = type.isEmpty() || isModel(context);
      return new Not(
          certain
              ? context.fail(Errno.ENODEV, "C9.5 unknown filesystem type")
              : new Result.Unknown("filesystem type " + type));
    }
    if (!FilesystemType.opens(context, type) && context.refuse("C9.5 init_fs_context")) {
      return new Not(context.fail(Errno.EPERM, "C9.5 init_fs_context"));
    }
    boolean odd =
        FilesystemOptions.wrong(type, data) != null
            || DeviceOptions.wrong(context, type, data) != null;
    if (odd && context.refuse("C9.5 options")) {
      return new Not(context.fail(Errno.EINVAL, "C9.5 options"));
    }
    if (known != null && !known.allowed(context) && context.refuse("C9.5 mount_capable")) {
      return new Not(context.fail(Errno.EPERM, "C9.5 mount_capable"));
    }
    if (known != null && known.onDevice()) {
      if (pin != null && pin.device() != 0) {
        BlockDevice device = context.state().blockDevices.get(pin.device());
        if (device != null) {
          return DeviceMounts.superblock(context, type, device, word, data, pin);
        }
      }
      return device(context, type, source, word, data);
    }
    if (known != null && known.single()) {
      Superblock there = Superblocks.single(context.state(), type, known.contents(context));
      if (there != null) {
        return new Ready(CgroupRoots.configured(context, there, data), true);
      }
    }
    boolean full =
        known != null
            && known.name().equals("loopfs")
            && LoopPools.tooMany(context.state(), context.task().credentials().userNs());
    if (full && context.refuse("F31.1 instances")) {
      return new Not(context.fail(Errno.ENOSPC, "F31.1 instances"));
    }
    OverlayMounts.Plan plan = null;
    if (type.equals(OverlayOptions.TYPE)) {
      plan =
          context.simulated()
              ? OverlayMounts.plan(context, data, prepared.layers())
              : OverlayMounts.recorded(context, data, prepared.layers());
    }
    if (plan != null && plan.refused() != null) {
      boolean stops =
          plan.refused() instanceof Result.Failed failed
              ? context.refuse(failed.rule())
              : !context.assuming();
      if (stops) {
        return new Not(plan.refused());
      }
      plan = null;
    }
    Superblock made =
        create(
            context,
            0,
            MountIds.anonymousMinor(context),
            type,
            word,
            data,
            known != null && known.empty());
    if (known != null && known.name().equals("loopfs")) {
      LoopPools.begin(context, made);
    }
    if (plan != null) {
      OverlayMounts.make(context, made, plan);
    }
    if (made.type().equals(Binfmt.TYPE) && context.simulated()) {
      Binfmt.mounted(context, made);
    }
    return new Ready(made, false);
  }

  private static boolean isModel(CallContext context) {
    var machine = context.state().machine.get(1);
    return machine != null && machine.model();
  }

  private static Superblock create(
      CallContext context, int major, int minor, Bytes type, long word, Bytes data, boolean empty) {
    int dot = type.indexOf('.', 0);
    Bytes base = dot < 0 ? type : type.slice(0, dot);
    Bytes subtype = dot < 0 ? Bytes.EMPTY : type.slice(dot + 1, type.length());
    long owner = context.task().credentials().userNs();
    FilesystemType known = FilesystemType.of(type);
    long contents = known == null ? 0 : known.contents(context);
    Superblock made =
        Superblocks.create(
            context,
            major,
            minor,
            base,
            subtype,
            (known != null && known.internal() ? 0 : word) | implied(base, data),
            options(context, base, data),
            owner,
            contents,
            FilesystemOptions.rootMode(base, data),
            empty);
    if (base.latin1().equals("tmpfs")) {
      ownRoot(context, made, data);
    }
    return made;
  }

  /** shmem_fill_super(): the root belongs to who mounts it, unless uid= and gid= say otherwise. */
  private static void ownRoot(CallContext context, Superblock made, Bytes data) {
    Credentials who = context.task().credentials();
    KernelState state = context.state();
    Inode root = state.inodes.get(state.dentries.require(made.root()).inode());
    if (!who.known() || root == null) {
      return;
    }
    boolean uid = FilesystemOptions.parse(data).containsKey("uid");
    boolean gid = FilesystemOptions.parse(data).containsKey("gid");
    Inode owned = root.withOwner(uid ? root.uid() : who.fsuid(), gid ? root.gid() : who.fsgid());
    if (!owned.equals(root)) {
      context.put(Tables.INODES, owned);
    }
  }

  /** An overlay without an upper layer is read-only (ovl_fill_super()). */
  private static long implied(Bytes type, Bytes data) {
    boolean overlay = type.equals(OverlayOptions.TYPE);
    return overlay && !OverlayOptions.hasUpper(data) ? MountFlags.RDONLY : 0;
  }

  private static FilesystemOptions.Shown options(CallContext context, Bytes type, Bytes data) {
    if (type.equals(OverlayOptions.TYPE)) {
      return OverlayOptions.of(context, data);
    }
    return FilesystemOptions.of(
        type, type.latin1().equals("tmpfs") ? withOwner(context, data) : data);
  }

  /** shmem_show_options() prints the owner if that is not the initial root. */
  private static Bytes withOwner(CallContext context, Bytes data) {
    Credentials who = context.task().credentials();
    Bytes shown = data == null ? Bytes.EMPTY : data;
    if (who.known() && who.fsuid() != 0 && !FilesystemOptions.parse(data).containsKey("uid")) {
      shown = shown.plus(Bytes.of(",uid=" + Integer.toUnsignedString(who.fsuid())));
    }
    if (who.known() && who.fsgid() != 0 && !FilesystemOptions.parse(data).containsKey("gid")) {
      shown = shown.plus(Bytes.of(",gid=" + Integer.toUnsignedString(who.fsgid())));
    }
    return shown;
  }

  /** get_tree_bdev(): one superblock a device. */
  private static Found device(CallContext context, Bytes type, Text source, long word, Bytes data) {
    boolean absent =
        source == null || source.getAddress() == null && !source.getValue().hasRemaining();
    if (absent && context.refuse("C9.5 no source device")) {
      return new Not(context.fail(Errno.EINVAL, "C9.5 no source device"));
    }
    KernelState state = context.state();
    PathWalk.Walk walk = PathWalk.walk(context, null, source, PathWalk.FOLLOW, Inode.S_IFBLK, 0);
    switch (walk) {
      case PathWalk.Refused refused -> {
        return new Not(context.fail(refused.errno(), refused.rule()));
      }
      case PathWalk.Missing missing -> {
        return new Not(context.fail(Errno.ENOENT, "C9.5 no such device node"));
      }
      case PathWalk.Unknown unknown -> {
        return new Not(new Result.Unknown(unknown.reason()));
      }
      case PathWalk.Found found -> {
        Dentry dentry = state.dentries.get(found.place().dentry());
        Inode inode = dentry == null ? null : state.inodes.get(dentry.inode());
        if (inode != null
            && inode.typeKnown()
            && (inode.mode() & Inode.S_IFMT) != Inode.S_IFBLK
            && context.refuse("C9.5 not a block device")) {
          return new Not(context.fail(Errno.ENOTBLK, "C9.5 not a block device"));
        }
        Mount through = state.mounts.get(found.place().mount());
        boolean nodev = through != null && (through.flags() & MountFlags.NODEV) != 0;
        if (nodev && context.simulated()) {
          return new Not(context.fail(Errno.EACCES, "C12.3 nodev source"));
        }
        return ofDevice(context, type, source, inode, word, data);
      }
    }
  }

  private static Found ofDevice(
      CallContext context, Bytes type, Text source, Inode inode, long word, Bytes data) {
    BlockDevice device = BlockDevices.of(context.state(), inode);
    if (device != null && !context.simulated()) {
      return claimed(context, device, word, unlearned(context, type, source, inode, word, data));
    }
    if (device != null) {
      return DeviceMounts.superblock(context, type, device, word, data, null);
    }
    return unlearned(context, type, source, inode, word, data);
  }

  /** A loop device that the ledger has learned of is in use as long as it is mounted. */
  private static Found claimed(CallContext context, BlockDevice device, long word, Found found) {
    if (found instanceof Ready ready
        && context.state().blockHandles.get(ready.superblock().key()) == null) {
      boolean write = (word & MountFlags.RDONLY) == 0;
      BlockHandles.open(
          context, ready.superblock().key(), device, BlockHandle.Holder.SUPERBLOCK, true, write);
    }
    return found;
  }

  /** The device behind a node is not known to the ledger. */
  private static Found unlearned(
      CallContext context, Bytes type, Text source, Inode inode, long word, Bytes data) {
    KernelState state = context.state();
    Bytes name = name(source);
    FilesystemType known = FilesystemType.of(type);
    boolean capable =
        known == null
            || known.inUserNs()
            || Capability.initial(state, context.task().credentials(), Capability.SYS_ADMIN);
    if (!capable && context.refuse("C9.5 mount_capable")) {
      return new Not(context.fail(Errno.EPERM, "C9.5 mount_capable"));
    }
    boolean numbered = inode != null && inode.rdevMajor() != 0;
    int major = numbered ? inode.rdevMajor() : DeviceNames.major(name);
    int minor = numbered ? inode.rdevMinor() : DeviceNames.minor(name);
    if (major == 0) {
      return context.assuming()
          ? new Ready(
              create(context, 0, MountIds.anonymousMinor(context), type, word, data, false), false)
          : new Not(new Result.Unknown("number of the device " + name));
    }
    Superblock there = Superblocks.byDevice(state, major, minor);
    if (there == null) {
      if (context.simulated() || context.assuming()) {
        return new Ready(create(context, major, minor, type, word, data, false), false);
      }
      return new Not(new Result.Unknown("what is on the device"));
    }
    if (state.mountsBySuperblock.count(there.key()) == 0) {
      Reconfiguring.superblock(context, there, word, data);
      return new Ready(state.superblocks.require(there.key()), true);
    }
    boolean readOnly = (word & MountFlags.RDONLY) != 0;
    boolean fits =
        there.type().equals(type) && readOnly == ((there.flags() & MountFlags.RDONLY) != 0);
    if (!fits && context.refuse("C9.6 device busy")) {
      return new Not(context.fail(Errno.EBUSY, "C9.6 device busy"));
    }
    return new Ready(there, true);
  }
}

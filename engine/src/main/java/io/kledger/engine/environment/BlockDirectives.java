package io.kledger.engine.environment;

import io.kledger.engine.CallContext;
import io.kledger.engine.blob.Blobs;
import io.kledger.engine.block.BlockDevices;
import io.kledger.engine.block.BlockHandles;
import io.kledger.engine.block.Loops;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.mount.Superblocks;
import io.kledger.engine.ns.IdMap;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Environment;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.Blob;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.DiskImage;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.NamespaceName;
import io.kledger.kernel.quota.QuotaTypes;

/** {@code @blockdev @image @content}: devices, image files, and what is on them. */
final class BlockDirectives {
  /** Size of a disk or image whose size is not said, in bytes. */
  private static final long DEFAULT_SIZE = 1L << 30;

  private static final long DEFAULT_IMAGE = 64L << 20;

  /** Of a btrfs: a fifth for the copies of its metadata, and what the system chunks take. */
  private static final long SYSTEM_CHUNKS = 21L << 20;

  private static final Bytes BLOBFS = Bytes.of("blobfs");

  private BlockDirectives() {}

  /** {@code @blockdev PATH MAJ:MIN [diskseq= size= ro fs= fssize= uuid= userns=]}. */
  static void blockdev(CallContext context, Environment body) {
    Words words = new Words(body);
    String number = words.word(1);
    int major = Integer.parseInt(number.substring(0, number.indexOf(':')));
    int minor = Integer.parseInt(number.substring(number.indexOf(':') + 1));
    boolean loop = major == Loops.MAJOR;
    long seq = Long.parseLong(words.text("diskseq", "0"));
    if (seq == 0) {
      seq = context.next(CounterId.DISKSEQ);
    } else {
      context.raise(CounterId.DISKSEQ, seq);
    }
    String fs = words.text("fs", "");
    long size = loop ? 0 : Long.parseLong(words.text("size", Long.toString(DEFAULT_SIZE)));
    boolean readOnly = false;
    for (int i = 2; words.has(i); i++) {
      readOnly |= words.word(i).equals("ro");
    }
    Paths.make(
        context,
        Paths.root(context),
        words.bytes(0),
        new Dcache.Spec(
            Inode.S_IFBLK | words.octal("mode", 0660),
            words.number("uid", 0),
            words.number("gid", 0),
            major,
            minor,
            Bytes.EMPTY));
    BlockDevice device =
        new BlockDevice(
            context.newKey(),
            major,
            minor,
            words.bytes(0),
            loop ? BlockDevice.Kind.LOOP : BlockDevice.Kind.DISK,
            loop ? minor : 0,
            size,
            seq,
            readOnly,
            false,
            owner(context, words.text("userns", "init")),
            0);
    BlockDevices.put(context, device);
    Superblock mounted = Superblocks.byDevice(context.state(), major, minor);
    if (mounted != null) {
      // One that was mounted before it was declared: that of the root, for example.
      BlockHandles.open(context, mounted.key(), device, BlockHandle.Holder.SUPERBLOCK, true, true);
    }
    if (!fs.isEmpty()) {
      long bytes = Long.parseLong(words.text("fssize", Long.toString(size)));
      format(context, device.key(), device.userNs(), fs, bytes, false);
    }
  }

  /**
   * {@code @quota DEVICE TYPE[,TYPE] [on]}: which quotas its filesystem has, and whether they are
   * on.
   */
  static void quota(CallContext context, Environment body) {
    Words words = new Words(body);
    int supported = 0;
    for (String type : words.word(1).split(",")) {
      supported |=
          switch (type) {
            case "usr" -> 1;
            case "grp" -> 2;
            case "prj" -> 4;
            default -> throw new DirectiveException("@quota: no type " + type);
          };
    }
    boolean on = words.word(2).equals("on");
    for (BlockDevice device : context.state().blockDevices.rows()) {
      if (device.path().equals(words.bytes(0))) {
        context.put(
            Tables.QUOTA_TYPES, new QuotaTypes(device.key(), supported, on ? supported : 0));
        return;
      }
    }
    throw new DirectiveException("@quota: there is no device " + words.word(0));
  }

  private static long owner(CallContext context, String name) {
    if (name.equals("init")) {
      return 0;
    }
    for (NamespaceName row : context.state().namespaceNames.rows()) {
      if (row.name().toString().equals(name)) {
        return row.key();
      }
    }
    throw new DirectiveException("no user namespace is called " + name);
  }

  /** {@code @image PATH fs=TYPE [size= dirty mode= uid= gid=]}. */
  static void image(CallContext context, Environment body) {
    Words words = new Words(body);
    Place place =
        Paths.make(
            context,
            Paths.root(context),
            words.bytes(0),
            Dcache.Spec.of(
                Inode.S_IFREG | words.octal("mode", 0644),
                words.number("uid", 0),
                words.number("gid", 0)));
    KernelState state = context.state();
    Inode inode = state.inodes.require(state.dentries.require(place.dentry()).inode());
    long size = Long.parseLong(words.text("size", Long.toString(DEFAULT_IMAGE)));
    context.put(Tables.INODES, inode.withSize(size));
    boolean dirty = false;
    for (int i = 1; words.has(i); i++) {
      dirty |= words.word(i).equals("dirty");
    }
    format(context, inode.key(), 0, words.text("fs", "ext4"), size, dirty);
  }

  /** mkfs(8): an empty filesystem, whose root belongs to that of the namespace it is for. */
  private static void format(
      CallContext context, long carrier, long userNs, String type, long size, boolean dirty) {
    long key = context.newKey();
    int uid = userNs == 0 ? 0 : IdMap.toKernel(context.state(), userNs, 0, false);
    int gid = userNs == 0 ? 0 : IdMap.toKernel(context.state(), userNs, 0, true);
    Dentry root =
        Dcache.createRoot(
            context, key, Dcache.Spec.of(Inode.S_IFDIR | 0755, uid, gid), 2, true, false);
    long overhead = type.equals("btrfs") ? size / 5 + SYSTEM_CHUNKS : 0;
    context.put(
        Tables.DISK_IMAGES,
        new DiskImage(key, carrier, Bytes.of(type), root.key(), size, 0, overhead, dirty, 0, 0));
  }

  /**
   * {@code @content DEVICE dir|file|symlink|corrupt PATH [TARGET] [mode= uid= gid= size=
   * content=]}.
   */
  static void content(CallContext context, Environment body) {
    Words words = new Words(body);
    KernelState state = context.state();
    DiskImage image = imageAt(context, words.bytes(0));
    if (image == null) {
      throw new DirectiveException("no filesystem on " + words.word(0));
    }
    String kind = words.word(1);
    if (kind.equals("corrupt")) {
      corrupt(context, image, words);
      return;
    }
    int type =
        switch (kind) {
          case "dir" -> Inode.S_IFDIR;
          case "file" -> Inode.S_IFREG;
          case "symlink" -> Inode.S_IFLNK;
          default -> throw new DirectiveException("dir, file or symlink, not " + kind);
        };
    int mode =
        type == Inode.S_IFLNK ? 0777 : words.octal("mode", type == Inode.S_IFDIR ? 0755 : 0644);
    Dcache.Spec spec =
        new Dcache.Spec(
            type | mode,
            words.number("uid", 0),
            words.number("gid", 0),
            0,
            0,
            type == Inode.S_IFLNK ? words.bytes(3) : Bytes.EMPTY);
    Place made = Paths.make(context, new Place(0, image.root()), words.bytes(2), spec);
    Inode inode = state.inodes.require(state.dentries.require(made.dentry()).inode());
    if (type == Inode.S_IFREG) {
      Bytes data = words.value("content");
      long size = data != null ? data.length() : Long.parseLong(words.text("size", "0"));
      context.put(Tables.INODES, inode.withSize(size));
      if (data != null) {
        Contents.set(context, inode.key(), data);
      }
      if (image.type().equals(BLOBFS)) {
        String path = words.word(2);
        Bytes name = Bytes.of(path.substring(path.lastIndexOf('/') + 1));
        Blobs.found(context, state.inodes.require(inode.key()), name, data);
      }
    }
  }

  /** {@code @content DEVICE corrupt PATH [block=N]}: a block of a blob went bad. */
  private static void corrupt(CallContext context, DiskImage image, Words words) {
    KernelState state = context.state();
    Place place = Paths.find(context, new Place(0, image.root()), words.bytes(2));
    Dentry dentry = state.dentries.get(place.dentry());
    Blob blob = dentry == null ? null : state.blobs.get(dentry.inode());
    if (blob == null) {
      throw new DirectiveException("no blob " + words.word(2));
    }
    context.put(Tables.BLOBS, blob.withCorrupt(Long.parseLong(words.text("block", "0"))));
  }

  private static DiskImage imageAt(CallContext context, Bytes path) {
    KernelState state = context.state();
    Place place = Paths.find(context, Paths.root(context), path);
    if (!place.known()) {
      return null;
    }
    Inode inode = state.inodes.require(state.dentries.require(place.dentry()).inode());
    BlockDevice device = BlockDevices.of(state, inode);
    if (device != null) {
      return BlockDevices.image(state, device);
    }
    return state.diskImagesByCarrier.count(inode.key()) == 0
        ? null
        : state.diskImages.get(state.diskImagesByCarrier.keyAt(inode.key(), 0));
  }
}

package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.event.Bytes;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import java.util.List;

/**
 * The root of a mount namespace that was there before the log: the hidden rootfs that its visible
 * root hangs on (init_mount_tree()), and, where a trace comes without the mounts that were there,
 * those that every machine has, so that what the trace does next has a place. These are marked
 * {@link MountCause.Kind#INFERRED}; the root's filesystem is {@link Superblock#UNKNOWN} until
 * somebody shows it, see {@link #adopt}.
 */
public final class NamespaceRoot {
  /** A mount that is taken to be there: its place, and its filesystem. */
  private record Usual(Bytes place, Bytes type) {
    Usual(String place, String type) {
      this(Bytes.of(place), Bytes.of(type));
    }
  }

  private static final Usual ROOT = new Usual(Bytes.of("/"), Superblock.UNKNOWN);

  /** Below the root, each within the one before that its place begins with. */
  private static final List<Usual> USUAL =
      List.of(
          new Usual("/proc", "proc"),
          new Usual("/sys", "sysfs"),
          new Usual("/sys/fs/cgroup", "cgroup2"));

  private NamespaceRoot() {}

  /** Makes the mounts that any machine has, where the log has shown none before its first call. */
  public static void infer(CallContext context) {
    KernelState state = context.state();
    Namespace namespace = NamespaceRows.seen(context, NamespaceKind.MOUNT, 0, 0);
    if (namespace.root() != 0 || state.mounts.size() > 0) {
      return;
    }
    Mount hidden = hidden(context, namespace.key(), 0);
    Superblock unknown = superblock(context, 0, 0, ROOT.type(), 0);
    Mount root = inferred(context, hidden, hidden.root(), unknown);
    Mount above = root;
    Bytes abovePlace = Bytes.EMPTY;
    for (Usual usual : USUAL) {
      if (!usual.place().startsWith(abovePlace.plus(Bytes.of("/")))) {
        above = root;
        abovePlace = Bytes.EMPTY;
      }
      long place = directory(context, above.root(), usual.place(), abovePlace.length() + 1);
      int minor = MountIds.anonymousMinor(context);
      above = inferred(context, above, place, superblock(context, 0, minor, usual.type(), 0));
      abovePlace = usual.place();
    }
  }

  /** The dentry below one that the rest of a path leads to. */
  private static long directory(CallContext context, long below, Bytes path, int from) {
    long at = below;
    for (int start = from; start < path.length(); ) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      at = Dcache.inferChild(context, at, path.slice(start, end), Inode.S_IFDIR).key();
      start = end + 1;
    }
    return at;
  }

  /** The id of what a line's mount hangs on; 0 if it names itself, as at the top of a chroot. */
  private static int above(MountLine line) {
    return line.parent() == line.id() ? 0 : line.parent();
  }

  /** The mount that a namespace's visible root hangs on; made for the line that shows the root. */
  static Mount hidden(CallContext context, long namespace, MountLine top) {
    return hidden(context, namespace, above(top));
  }

  private static Mount hidden(CallContext context, long namespace, int id) {
    KernelState state = context.state();
    Namespace now = state.namespaces.require(namespace);
    if (now.root() != 0) {
      return state.mounts.require(now.root());
    }
    Superblock rootfs = Superblocks.byDevice(state, 0, 2);
    if (rootfs == null) {
      rootfs = superblock(context, 0, 2, Bytes.of("rootfs"), now.owner());
    }
    Mount hidden = row(context, id, now.key(), 0, 0, 0, rootfs, Bytes.of("rootfs"), 0);
    context.emit(new MountChange.Created(hidden));
    context.put(Tables.NAMESPACES, now.withRoot(hidden.key()));
    return hidden;
  }

  /**
   * The inferred mount that a line of mountinfo shows, or null: the line then tells what it is. Its
   * filesystem keeps the names that were learned.
   */
  static Mount adopt(CallContext context, long namespace, MountLine line) {
    KernelState state = context.state();
    for (long key : state.mountsByNamespace.keys(namespace)) {
      Mount mount = state.mounts.require(key);
      if (mount.cause().kind() != MountCause.Kind.INFERRED || mount.parent() == 0) {
        continue;
      }
      Superblock superblock = state.superblocks.require(mount.superblock());
      if (isOf(superblock, line)
          && Superblocks.byDevice(state, line.major(), line.minor()) == null) {
        context.put(Tables.SUPERBLOCKS, shown(superblock, line));
        Mount known = mount.withId(line.id()).withSource(line.source()).withFlags(line.flags());
        context.emit(new MountChange.Changed(known));
        if (superblock.guessed()) {
          Mount hidden = state.mounts.require(mount.parent());
          context.emit(new MountChange.Changed(hidden.withId(above(line))));
        }
        return known;
      }
    }
    return null;
  }

  /** The root's filesystem may be any; the others are where they usually are. */
  private static boolean isOf(Superblock superblock, MountLine line) {
    if (superblock.guessed()) {
      return line.place().equals(ROOT.place());
    }
    return line.type().equals(superblock.type())
        && USUAL.contains(new Usual(line.place(), line.type()));
  }

  private static Superblock shown(Superblock guess, MountLine line) {
    return new Superblock(
        guess.key(),
        line.major(),
        line.minor(),
        line.type(),
        Bytes.EMPTY,
        guess.root(),
        line.superFlags() & MountFlags.OF_SUPERBLOCK,
        line.superOptions(),
        guess.userNs(),
        guess.namespace(),
        true);
  }

  private static Superblock superblock(
      CallContext context, int major, int minor, Bytes type, long userNs) {
    return Superblocks.create(
        context,
        major,
        minor,
        type,
        Bytes.EMPTY,
        0,
        FilesystemOptions.Shown.NOTHING,
        userNs,
        0,
        0755,
        false);
  }

  private static Mount inferred(
      CallContext context, Mount parent, long mountpoint, Superblock superblock) {
    Mount mount =
        row(
            context,
            MountIds.mount(context),
            parent.namespace(),
            parent.key(),
            mountpoint,
            context.next(CounterId.ORDER),
            superblock,
            superblock.type(),
            MountFlags.RELATIME);
    context.emit(new MountChange.Created(mount));
    return mount;
  }

  private static Mount row(
      CallContext context,
      int id,
      long namespace,
      long parent,
      long mountpoint,
      long order,
      Superblock superblock,
      Bytes source,
      long flags) {
    return new Mount(
        context.newKey(),
        id,
        MountIds.unique(context),
        namespace,
        parent,
        mountpoint,
        order,
        superblock.root(),
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
        new MountCause(MountCause.Kind.INFERRED, 0, context.position()));
  }
}

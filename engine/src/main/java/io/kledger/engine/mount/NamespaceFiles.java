package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.event.Bytes;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;

/**
 * Files of nsfs (fs/nsfs.c). The name of their dentries is the key of the Namespace row: the inode
 * number that the kernel prints may become known later.
 */
public final class NamespaceFiles {
  private static final Bytes NSFS = Bytes.of("nsfs");

  private NamespaceFiles() {}

  /** is_mnt_ns_file(). */
  static boolean isMountNamespace(KernelState state, long dentry) {
    Namespace namespace = namespace(state, dentry);
    return namespace != null && namespace.kind() == NamespaceKind.MOUNT;
  }

  /** The namespace that a dentry of nsfs stands for; null if it is none. */
  public static Namespace namespace(KernelState state, long dentryKey) {
    Dentry dentry = state.dentries.get(dentryKey);
    Superblock superblock = dentry == null ? null : state.superblocks.get(dentry.superblock());
    if (superblock == null || dentry.parent() == 0 || !superblock.type().equals(NSFS)) {
      return null;
    }
    return state.namespaces.get(Long.parseLong(dentry.name().latin1()));
  }

  /** Whether a mount has the namespace's file as its root. */
  public static boolean mounted(KernelState state, long namespace) {
    Superblock nsfs = Superblocks.single(state, NSFS);
    Dentry file =
        nsfs == null ? null : state.child(nsfs.root(), Bytes.of(Long.toString(namespace)));
    if (file != null) {
      for (long key : state.mountsBySuperblock.keys(nsfs.key())) {
        if (state.mounts.require(key).root() == file.key()) {
          return true;
        }
      }
    }
    return false;
  }

  /** The place of a file of nsfs: what `/proc/PID/ns/X` leads to. */
  public static Place place(CallContext context, long namespace) {
    KernelState state = context.state();
    Superblock nsfs = Superblocks.single(state, NSFS);
    if (nsfs == null) {
      nsfs =
          Superblocks.create(
              context,
              0,
              MountIds.anonymousMinor(context),
              NSFS,
              Bytes.EMPTY,
              0,
              FilesystemOptions.Shown.NOTHING,
              0,
              0,
              0555,
              false);
    }
    Mount kernel = null;
    for (long key : state.mountsBySuperblock.keys(nsfs.key())) {
      Mount mount = state.mounts.require(key);
      kernel = mount.cause().kind() == MountCause.Kind.INTERNAL ? mount : kernel;
    }
    if (kernel == null) {
      kernel =
          new Mount(
              context.newKey(),
              0,
              MountIds.unique(context),
              0,
              0,
              0,
              context.next(CounterId.ORDER),
              nsfs.root(),
              nsfs.key(),
              NSFS,
              0,
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
              new MountCause(MountCause.Kind.INTERNAL, 0, context.position()));
      context.emit(new MountChange.Created(kernel));
    }
    return new Place(kernel.key(), dentry(context, nsfs, namespace));
  }

  /** The dentry of a namespace's file. */
  static long dentry(CallContext context, Superblock nsfs, long namespace) {
    Bytes name = Bytes.of(Long.toString(namespace));
    Dentry known = context.state().child(nsfs.root(), name);
    return known != null
        ? known.key()
        : Dcache.inferChild(context, nsfs.root(), name, Inode.S_IFREG).key();
  }

  /**
   * The dentry of the file that mountinfo shows as `KIND:[INODE]`; 0 if that is not what it shows.
   */
  static long observed(CallContext context, Superblock superblock, Bytes root) {
    String text = root.latin1();
    int bracket = text.indexOf(":[");
    if (!superblock.type().equals(NSFS) || bracket < 0 || !text.endsWith("]")) {
      return 0;
    }
    for (NamespaceKind kind : NamespaceKind.values()) {
      if (text.startsWith(kind.procName() + ":[")) {
        long inode = Long.parseLong(text.substring(bracket + 2, text.length() - 1));
        return dentry(context, superblock, NamespaceRows.seen(context, kind, inode, 0).key());
      }
    }
    return 0;
  }
}

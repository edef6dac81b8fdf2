package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.Counter;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.task.Credentials;

/**
 * Makes and removes names and inodes (fs/dcache.c, fs/inode.c, what filesystems do in inode
 * operations).
 */
public final class Dcache {
  /** An owner that the ledger does not know; no inode has it. */
  public static final int UNKNOWN_ID = -1;

  /** Instead of the last number: others may have been given since. */
  private static final long LOST = -1;

  /** Counters of inode numbers, one per superblock, lie above those of CounterId. */
  private static final long INODE_NUMBERS = 1L << 40;

  private static final Bytes TMPFS = Bytes.of("tmpfs");

  private Dcache() {}

  /** What a new inode is. Ids {@link #UNKNOWN_ID} and mode without type bits: not known. */
  public record Spec(int mode, int uid, int gid, int rdevMajor, int rdevMinor, Bytes target) {
    public static Spec of(int mode, int uid, int gid) {
      return new Spec(mode, uid, gid, 0, 0, Bytes.EMPTY);
    }
  }

  /** Whether a name that the ledger has not in this directory does not exist. */
  public static boolean complete(KernelState state, Dentry directory) {
    if (directory.deleted()) {
      return true;
    }
    Inode inode = state.inodes.get(directory.inode());
    if (inode != null && inode.complete()) {
      return true;
    }
    Machine machine = state.machine.get(1);
    return machine != null && machine.model();
  }

  /** The root dentry and inode of a filesystem; {@code complete} if it is known to be empty. */
  public static Dentry createRoot(
      CallContext context,
      long superblock,
      Spec spec,
      long number,
      boolean complete,
      boolean inferred) {
    Inode inode = newInode(context, superblock, spec, number, complete, inferred);
    Dentry root = new Dentry(context.newKey(), superblock, 0, Bytes.EMPTY, inode.key(), false);
    context.put(Tables.DENTRIES, root);
    return root;
  }

  /** A new name with a new inode, as mkdir(2), mknod(2), open(2) make it. */
  public static Dentry createChild(CallContext context, long parent, Bytes name, Spec spec) {
    return Overlay.entry(context.state(), parent) == null
        ? make(context, parent, name, spec)
        : OverlayUpper.create(context, parent, name, spec);
  }

  /** As above, in the filesystem itself even if that is an overlay. */
  static Dentry make(CallContext context, long parent, Bytes name, Spec spec) {
    Dentry directory = context.state().dentries.require(parent);
    Inode inode =
        newInode(context, directory.superblock(), spec, 0, isDirectory(spec.mode()), false);
    if (inode.directory()) {
      addLinks(context, directory.inode(), 1);
    }
    return attach(context, directory, name, inode.key());
  }

  /** A name that must exist, though its creation was not in the log. */
  public static Dentry inferChild(CallContext context, long parent, Bytes name, int type) {
    Dentry directory = context.state().dentries.require(parent);
    Spec spec = Spec.of(type & Inode.S_IFMT, UNKNOWN_ID, UNKNOWN_ID);
    Inode inode = newInode(context, directory.superblock(), spec, 0, false, true);
    return attach(context, directory, name, inode.key());
  }

  /** A file that is open though its name is gone. */
  static Dentry inferDeleted(CallContext context, long parent, Bytes name, int type) {
    Dentry directory = context.state().dentries.require(parent);
    Spec spec = Spec.of(type & Inode.S_IFMT, UNKNOWN_ID, UNKNOWN_ID);
    Inode inode = newInode(context, directory.superblock(), spec, 0, false, true);
    Dentry dentry =
        new Dentry(context.newKey(), directory.superblock(), parent, name, inode.key(), true);
    context.put(Tables.DENTRIES, dentry);
    return dentry;
  }

  /** A symbolic link that must exist. */
  public static Dentry inferSymlink(CallContext context, long parent, Bytes name, Bytes target) {
    Dentry directory = context.state().dentries.require(parent);
    Spec spec = new Spec(Inode.S_IFLNK | 0777, UNKNOWN_ID, UNKNOWN_ID, 0, 0, target);
    Inode inode = newInode(context, directory.superblock(), spec, 0, false, true);
    return attach(context, directory, name, inode.key());
  }

  /** d_tmpfile(): an inode without a link, whose dentry `#number` is not in the directory. */
  public static Dentry createUnnamed(
      CallContext context, long parent, Spec spec, long number, boolean linkable) {
    Dentry directory = context.state().dentries.require(parent);
    Inode inode =
        newInode(context, directory.superblock(), spec, number, false, false)
            .withNlink(0)
            .withLinkable(linkable);
    context.put(Tables.INODES, inode);
    Dentry dentry =
        new Dentry(
            context.newKey(),
            directory.superblock(),
            parent,
            Bytes.of("#" + inode.number()),
            inode.key(),
            true);
    context.put(Tables.DENTRIES, dentry);
    return dentry;
  }

  /** Another name for an inode. */
  public static Dentry link(CallContext context, long parent, Bytes name, long inode) {
    addLinks(context, inode, 1);
    Inode named = context.state().inodes.get(inode);
    if (named != null && named.linkable()) {
      context.put(Tables.INODES, named.withLinkable(false));
    }
    Dentry made = attach(context, context.state().dentries.require(parent), name, inode);
    if (Overlay.entry(context.state(), parent) != null) {
      OverlayUpper.linked(context, parent, made);
    }
    return made;
  }

  /** The name is known not to exist (a negative dentry). */
  public static void negative(CallContext context, long parent, Bytes name) {
    Dentry old = context.state().child(parent, name);
    if (old == null) {
      attach(context, context.state().dentries.require(parent), name, 0);
    }
  }

  /** Takes a name away: unlink(2) and rmdir(2). */
  public static void unlink(CallContext context, Dentry dentry) {
    KernelState state = context.state();
    OverlayUpper.unlinked(context, dentry);
    Inode inode = state.inodes.get(dentry.inode());
    if (inode != null && inode.directory()) {
      forgetNames(context, dentry.key());
      context.put(Tables.INODES, inode.withNlink(0));
      addLinks(context, state.dentries.require(dentry.parent()).inode(), -1);
    } else if (inode != null) {
      addLinks(context, inode.key(), -1);
    }
    unhash(context, dentry);
  }

  /** The name moves; an old name there is to be unlinked before. */
  public static Dentry move(CallContext context, Dentry dentry, long parent, Bytes name) {
    KernelState state = context.state();
    OverlayUpper.moved(context, dentry, parent, name);
    Dentry negative = state.child(parent, name);
    if (negative != null) {
      context.remove(Tables.DENTRIES, negative.key());
    }
    Inode inode = state.inodes.get(dentry.inode());
    if (inode != null && inode.directory() && dentry.parent() != parent) {
      addLinks(context, state.dentries.require(dentry.parent()).inode(), -1);
      addLinks(context, state.dentries.require(parent).inode(), 1);
    }
    Dentry moved =
        new Dentry(
            dentry.key(), dentry.superblock(), parent, name, dentry.inode(), dentry.deleted());
    context.put(Tables.DENTRIES, moved);
    return moved;
  }

  /** RENAME_EXCHANGE: two names change places. */
  public static void exchange(CallContext context, Dentry a, Dentry b) {
    KernelState state = context.state();
    boolean aDir = directory(state, a);
    boolean bDir = directory(state, b);
    if (aDir != bDir && a.parent() != b.parent()) {
      addLinks(context, state.dentries.require(a.parent()).inode(), aDir ? -1 : 1);
      addLinks(context, state.dentries.require(b.parent()).inode(), aDir ? 1 : -1);
    }
    context.put(
        Tables.DENTRIES,
        new Dentry(a.key(), a.superblock(), b.parent(), b.name(), a.inode(), false));
    context.put(
        Tables.DENTRIES,
        new Dentry(b.key(), b.superblock(), a.parent(), a.name(), b.inode(), false));
  }

  private static boolean directory(KernelState state, Dentry dentry) {
    Inode inode = state.inodes.get(dentry.inode());
    return inode != null && inode.directory();
  }

  /** After a name moved away: it is known to be missing now. */
  public static void leftBehind(CallContext context, long parent, Bytes name) {
    if (!complete(context.state(), context.state().dentries.require(parent))) {
      negative(context, parent, name);
    }
  }

  /** What stat(2) would show of a directory's or file's link count changes by {@code by}. */
  static void addLinks(CallContext context, long inodeKey, int by) {
    Inode inode = context.state().inodes.get(inodeKey);
    if (inode != null && inode.nlink() >= 0) {
      context.put(Tables.INODES, inode.withNlink(Math.max(0, inode.nlink() + by)));
    }
  }

  private static boolean isDirectory(int mode) {
    return (mode & Inode.S_IFMT) == Inode.S_IFDIR;
  }

  private static Dentry attach(CallContext context, Dentry directory, Bytes name, long inode) {
    Dentry old = context.state().child(directory.key(), name);
    long key = old == null ? context.newKey() : old.key();
    Dentry dentry = new Dentry(key, directory.superblock(), directory.key(), name, inode, false);
    context.put(Tables.DENTRIES, dentry);
    return dentry;
  }

  /** In a complete directory the dentry may go; in others the name must stay known as missing. */
  private static void unhash(CallContext context, Dentry dentry) {
    KernelState state = context.state();
    context.put(
        Tables.DENTRIES,
        new Dentry(
            dentry.key(),
            dentry.superblock(),
            dentry.parent(),
            dentry.name(),
            dentry.inode(),
            true));
    Dentry parent = state.dentries.get(dentry.parent());
    if (parent != null && !complete(state, parent)) {
      negative(context, parent.key(), dentry.name());
    }
  }

  /** A directory that is removed is empty: what is left in it are negative dentries. */
  private static void forgetNames(CallContext context, long directory) {
    for (long key : context.state().dentriesByParent.keys(directory)) {
      context.remove(Tables.DENTRIES, key);
    }
  }

  private static Inode newInode(
      CallContext context,
      long superblock,
      Spec spec,
      long number,
      boolean complete,
      boolean inferred) {
    long ino = number;
    boolean told =
        context.simulated()
            || !inferred && sequential(context, superblock) && !numbersLost(context, superblock);
    if (ino == 0 && told) {
      ino = nextNumber(context, superblock);
    }
    int nlink = inferred ? -1 : isDirectory(spec.mode()) ? 2 : 1;
    Inode inode =
        new Inode(
            context.newKey(),
            superblock,
            ino,
            spec.mode(),
            spec.uid(),
            spec.gid(),
            nlink,
            spec.target().length(),
            spec.rdevMajor(),
            spec.rdevMinor(),
            spec.target(),
            complete,
            inferred);
    context.put(Tables.INODES, inode);
    return inode;
  }

  /**
   * shmem_reserve_inode(): tmpfs numbers its inodes one after the other, so a trace need not tell.
   */
  private static boolean sequential(CallContext context, long superblockKey) {
    Superblock superblock = context.state().superblocks.get(superblockKey);
    return superblock != null && superblock.type().equals(TMPFS);
  }

  /** The kernel showed this number: the next ones are above it. */
  static void numberSeen(CallContext context, long superblock, long number) {
    long key = INODE_NUMBERS | superblock;
    Counter last = context.state().counters.get(key);
    boolean lost = last != null && last.value() == LOST;
    if (!lost && sequential(context, superblock) && (last == null || last.value() < number)) {
      context.put(Tables.COUNTERS, new Counter(key, number));
    }
  }

  /** A file may have been made whose number the log does not show: nor does it tell the next. */
  public static void numberUnseen(CallContext context, long superblock) {
    if (sequential(context, superblock) && !context.simulated()) {
      context.put(Tables.COUNTERS, new Counter(INODE_NUMBERS | superblock, LOST));
    }
  }

  private static boolean numbersLost(CallContext context, long superblock) {
    Counter last = context.state().counters.get(INODE_NUMBERS | superblock);
    return last != null && last.value() == LOST;
  }

  private static long nextNumber(CallContext context, long superblock) {
    long key = INODE_NUMBERS | superblock;
    Counter last = context.state().counters.get(key);
    long value = last == null ? 2 : Math.max(1, last.value()) + 1;
    while (context.state().inodesByNumber.count(KernelState.pair(superblock, value)) > 0) {
      value++;
    }
    context.put(Tables.COUNTERS, new Counter(key, value));
    return value;
  }

  /** Owner and group of what a task creates in a directory of a mount (inode_init_owner()). */
  public static Spec owned(CallContext context, long mount, Inode directory, int mode) {
    Credentials who = context.task().credentials();
    KernelState state = context.state();
    int uid = who.known() ? Idmapped.stored(state, mount, who.fsuid(), false) : UNKNOWN_ID;
    int gid = who.known() ? Idmapped.stored(state, mount, who.fsgid(), true) : UNKNOWN_ID;
    int bits = mode;
    if (directory != null && (directory.mode() & 02000) != 0 && directory.uid() != UNKNOWN_ID) {
      gid = directory.gid();
      if (isDirectory(mode)) {
        bits |= 02000;
      }
    }
    return Spec.of(bits, uid, gid);
  }
}

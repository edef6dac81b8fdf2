package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.xattr.Xattrs;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.PidTimes;

/**
 * Inodes of pidfds: fs/pidfs.c. All pidfds of a task share one, whose 64-bit number is never used
 * again. It stays as long as the task's numbers do, so that extended attributes survive the last
 * close.
 */
public final class Pidfs {
  private static final Bytes TYPE = Bytes.of("pidfs");
  private static final int MODE = 0700;

  /** Before 6.9 all pidfds were the one inode of anonymous files. */
  private static final Bytes SHARED = Bytes.of("anon_inodefs");

  private static final int SHARED_MODE = 0600;
  private static final long SHARED_NUMBER = 1;

  private Pidfs() {}

  /** Whether an inode is that of a pidfd. */
  public static boolean holds(KernelState state, Inode inode) {
    Superblock superblock = state.superblocks.get(inode.superblock());
    return superblock != null
        && (superblock.type().equals(TYPE) || superblock.type().equals(SHARED));
  }

  /** When the task of a pidfd's inode began, and the inode; null if not known. */
  public static PidTimes times(KernelState state, Inode inode) {
    for (long file : state.descriptionsByInode.keys(inode.key())) {
      PidTimes times = state.pidTimes.get(state.descriptions.require(file).object());
      if (times != null) {
        return times;
      }
    }
    return null;
  }

  /** Notes when a task was made: a clock set later does not change it. */
  static void born(CallContext context, long pid) {
    if (context.simulated()) {
      context.put(Tables.PID_TIMES, new PidTimes(pid, context.event().getRealtime(), 0));
    }
  }

  /** The first pidfd since the last one was closed makes the inode anew. */
  private static void opened(CallContext context, Pid pid) {
    KernelState state = context.state();
    PidTimes times = state.pidTimes.get(pid.key());
    boolean first = state.descriptionsByObject.count(pid.key()) == 0;
    if (times != null && (first || times.inode() == 0)) {
      context.put(
          Tables.PID_TIMES, new PidTimes(pid.key(), times.born(), context.event().getRealtime()));
    }
  }

  /** Key of the inode of a task's pidfds; made at the first. 0 if the log knows no such task. */
  static long inode(CallContext context, long pidKey) {
    KernelState state = context.state();
    Pid pid = state.pids.get(pidKey);
    if (pid == null) {
      return 0;
    }
    boolean own = context.profile().has(KernelFeature.PIDFD_INO);
    if (own) {
      opened(context, pid);
    }
    Superblock superblock = superblock(context, own ? TYPE : SHARED);
    long number = own ? pid.inode() : SHARED_NUMBER;
    Inode known = find(state, superblock.key(), number);
    if (known != null) {
      return known.key();
    }
    Inode inode =
        new Inode(
            context.newKey(),
            superblock.key(),
            number,
            own ? MODE : SHARED_MODE,
            0,
            0,
            1,
            0,
            0,
            0,
            Bytes.EMPTY,
            false,
            false);
    context.put(Tables.INODES, inode);
    return inode.key();
  }

  /** The numbers of a task are gone, and no pidfd refers to it. */
  static void drop(CallContext context, Pid pid) {
    KernelState state = context.state();
    Superblock superblock = existing(state, TYPE);
    Inode inode = superblock == null ? null : find(state, superblock.key(), pid.inode());
    if (inode != null) {
      Xattrs.drop(context, inode.key());
      context.remove(Tables.INODES, inode.key());
    }
  }

  private static Inode find(KernelState state, long superblock, long number) {
    for (long key : state.inodesByNumber.keys(KernelState.pair(superblock, number))) {
      Inode inode = state.inodes.get(key);
      if (inode.superblock() == superblock && inode.number() == number) {
        return inode;
      }
    }
    return null;
  }

  private static Superblock existing(KernelState state, Bytes type) {
    for (long key : state.superblocksByDevice.keys(KernelState.pair(1, 0))) {
      Superblock superblock = state.superblocks.get(key);
      if (superblock.type().equals(type)) {
        return superblock;
      }
    }
    return null;
  }

  /** The one instance, made at boot in a kernel: here when it is first needed. */
  private static Superblock superblock(CallContext context, Bytes type) {
    Superblock known = existing(context.state(), type);
    if (known != null) {
      return known;
    }
    Superblock made =
        new Superblock(context.newKey(), 0, 0, type, Bytes.EMPTY, 0, 0, Bytes.EMPTY, 0, 0, true);
    context.put(Tables.SUPERBLOCKS, made);
    return made;
  }
}

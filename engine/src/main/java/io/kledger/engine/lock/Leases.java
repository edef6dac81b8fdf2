package io.kledger.engine.lock;

import io.kledger.engine.CallContext;
import io.kledger.engine.task.Delivery;
import io.kledger.engine.time.Timers;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.change.LockChange;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.lock.FileLock.Mode;
import io.kledger.kernel.lock.FileLock.Type;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import io.kledger.kernel.time.Timer.Clock;
import io.kledger.kernel.time.Timer.Purpose;
import java.util.List;

/** Leases (generic_setlease()): on a file, one per open file description. */
public final class Leases {
  private static final long FASYNC = 020000;
  private static final int SIGIO = 29;

  /** lease_break_time. */
  private static final long BREAK_SECONDS = 45;

  private static final String BREAK_SETTING = "fs.lease-break-time=";

  private Leases() {}

  /** The lease of a description, or null. */
  public static FileLock held(KernelState state, long inode, long description) {
    for (long key : state.locksByOwner.keys(description)) {
      FileLock lock = state.locks.get(key);
      if (lock.type() == Type.LEASE && lock.inode() == inode) {
        return lock;
      }
    }
    return null;
  }

  /** Takes a lease, or changes the one there is. */
  public static void set(CallContext context, OpenFileDescription file, Mode mode, int pid) {
    async(context, file.key(), true);
    FileLock held = held(context.state(), file.inode(), file.key());
    if (held != null) {
      Timers.stop(context, Purpose.LEASE_BREAK, held.key());
      context.emit(new LockChange.Converted(held.withMode(mode), held));
      return;
    }
    FileLock lease =
        new FileLock(
            context.newKey(),
            file.inode(),
            Type.LEASE,
            file.key(),
            mode,
            0,
            FileLock.EOF,
            pid,
            context.taskKey(),
            context.next(CounterId.ORDER),
            0,
            context.position(),
            false);
    context.emit(new LockChange.Acquired(lease, 0, FileLock.EOF));
  }

  /** Gives a lease up. */
  public static void release(CallContext context, long inode, long description) {
    FileLock lease = held(context.state(), inode, description);
    if (lease != null) {
      Timers.stop(context, Purpose.LEASE_BREAK, lease.key());
      context.emit(new LockChange.Released(lease.key(), null, lease, 0, FileLock.EOF));
      async(context, description, false);
    }
  }

  /** lease_setup() and lease_modify(): the holder of a lease is on the file's fasync list. */
  private static void async(CallContext context, long description, boolean on) {
    OpenFileDescription file = context.state().descriptions.get(description);
    long flags = on ? file.flags() | FASYNC : file.flags() & ~FASYNC;
    if (flags != file.flags()) {
      context.emit(new FdChange.DescriptionChanged(file.withFlags(flags)));
    }
  }

  /** inode_is_open_for_write(). */
  public static boolean openForWriting(KernelState state, long inode) {
    for (long key : state.descriptionsByInode.keys(inode)) {
      OpenFileDescription file = state.descriptions.get(key);
      if (file.flagsKnown() && file.writable()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the file is open by another description. */
  public static boolean openElsewhere(KernelState state, long inode, long description) {
    for (long key : state.descriptionsByInode.keys(inode)) {
      if (key != description && !state.descriptions.get(key).pathOnly()) {
        return true;
      }
    }
    return false;
  }

  /** leases_conflict(): whether an open for reading or writing has to wait for a lease. */
  public static boolean conflicting(KernelState state, long inode, boolean write) {
    for (long key : state.locksByInode.keys(inode)) {
      if (conflicts(state.locks.get(key), write)) {
        return true;
      }
    }
    return false;
  }

  private static boolean conflicts(FileLock lock, boolean write) {
    return lock.type() == Type.LEASE && (write || lock.mode() != Mode.READ);
  }

  /** leases_conflict() with an open by another: whether a new lease has to wait for a break. */
  public static boolean beingGivenUp(KernelState state, long inode, long description) {
    for (long key : state.locksByInode.keys(inode)) {
      FileLock lock = state.locks.get(key);
      if (lock.type() == Type.LEASE && lock.owner() != description && lock.mode() == Mode.UNLCK) {
        return true;
      }
    }
    return false;
  }

  /**
   * __break_lease(): the holders are told by a signal to give their leases up, or to be content
   * with a read lease; after {@code fs.lease-break-time} the kernel does it for them.
   */
  public static void breakAll(CallContext context, long inode, boolean write) {
    Mode target = write ? Mode.UNLCK : Mode.DOWNGRADE;
    for (long key : context.state().locksByInode.keys(inode)) {
      FileLock lease = context.state().locks.get(key);
      if (lease == null || !conflicts(lease, write) || !further(lease.mode(), target)) {
        continue;
      }
      context.emit(new LockChange.Adjusted(lease.withMode(target)));
      if (context.simulated()) {
        Timers.stop(context, Purpose.LEASE_BREAK, key);
        long deadline = context.now() + breakTime(context);
        Timers.start(context, Clock.MONOTONIC, deadline, Purpose.LEASE_BREAK, key);
        tell(context, lease);
      }
    }
  }

  /** Whether a break goes beyond one that is under way. */
  private static boolean further(Mode now, Mode target) {
    return now != Mode.UNLCK && now != target;
  }

  private static long breakTime(CallContext context) {
    long seconds = BREAK_SECONDS;
    Machine machine = context.state().machine.get(1);
    for (String line : machine == null ? List.<String>of() : machine.settings()) {
      if (line.startsWith(BREAK_SETTING)) {
        seconds = Long.parseLong(line.substring(BREAK_SETTING.length()));
      }
    }
    return seconds * 1_000_000_000L;
  }

  /** lease_break_callback(): SIGIO, which kills whoever is not prepared for it. */
  private static void tell(CallContext context, FileLock lease) {
    Task holder = context.state().tasks.get(lease.task());
    ThreadGroup group = holder == null ? null : context.state().groups.get(holder.group());
    if (group != null) {
      Delivery.deliver(context, group, SIGIO, true);
    }
  }

  /** time_out_leases(): the holder has not answered. */
  public static void expire(CallContext context, long key) {
    FileLock lease = context.state().locks.get(key);
    if (lease == null) {
      return;
    }
    if (lease.mode() == Mode.DOWNGRADE) {
      context.emit(new LockChange.Converted(lease.withMode(Mode.READ), lease));
    } else if (lease.mode() == Mode.UNLCK) {
      context.emit(new LockChange.Released(key, null, lease, 0, FileLock.EOF));
      async(context, lease.owner(), false);
    }
  }

  /** The kernel opened the file: the holders have given up unseen. */
  public static void drop(CallContext context, long inode, boolean write) {
    for (long key : context.state().locksByInode.keys(inode)) {
      FileLock lease = context.state().locks.get(key);
      if (conflicts(lease, write)) {
        context.emit(new LockChange.Released(key, null, lease, 0, FileLock.EOF));
      }
    }
  }
}

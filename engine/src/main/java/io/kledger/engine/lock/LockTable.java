package io.kledger.engine.lock;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.uring.Rings;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.LockChange;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.lock.FileLock.Mode;
import io.kledger.kernel.lock.FileLock.Type;
import io.kledger.kernel.task.PendingCall;
import java.util.ArrayList;
import java.util.List;

/** The file locks of the machine: what calls ask for, and what the ends of files and tasks undo. */
public final class LockTable {
  private LockTable() {}

  /** What becomes of a request. */
  public enum Answer {
    GRANTED,
    /** Another lock is in the way, and the caller does not wait. */
    CONFLICT,
    WAITS,
    DEADLOCK
  }

  /** What flock(2) LOCK_SH or LOCK_EX asks for. */
  public static FileLock flockRequest(
      CallContext context, OpenFileDescription file, Mode mode, int pid) {
    return Flock.request(context, file.inode(), file.key(), mode, pid, false);
  }

  /** flock(2) LOCK_UN. */
  public static void funlock(CallContext context, long inode, long description) {
    LockWaits waits = new LockWaits(context);
    Flock.unlock(context, waits, inode, description);
    waits.settle();
  }

  /** Makes a request; its key is 0. */
  public static Answer request(CallContext context, FileLock request, boolean sleep) {
    LockWaits waits = new LockWaits(context);
    Answer answer = Answer.GRANTED;
    if (request.type() == Type.FLOCK) {
      answer = Flock.attempt(context, waits, request, sleep);
    } else if (request.mode() == Mode.UNLCK) {
      RangeLock.unlock(context, waits, request);
    } else {
      answer = RangeLock.attempt(context, waits, request, sleep);
    }
    waits.settle();
    return answer;
  }

  /** What the caller was granted since the event at which its call began goes again. */
  public static void undo(CallContext context, long since) {
    KernelState state = context.state();
    LockWaits waits = new LockWaits(context);
    for (long key : state.locksByTask.keys(context.taskKey())) {
      FileLock lock = state.locks.get(key);
      if (lock.since() >= since && !lock.waiting()) {
        waits.wake(key);
        context.emit(new LockChange.Released(key, null, lock, lock.start(), lock.end()));
      }
    }
    waits.settle();
  }

  /** F_GETLK: the first lock in the way, or null. */
  public static FileLock test(KernelState state, FileLock request) {
    return request.mode() == Mode.UNLCK
        ? RangeLock.firstOwn(state, request)
        : RangeLock.firstConflict(state, request);
  }

  /** locks_remove_posix(): any close of the file by this fd table. */
  public static void closePosix(CallContext context, long inode, long table) {
    if (inode == 0 || context.state().locksByOwner.count(table) == 0) {
      return;
    }
    LockWaits waits = new LockWaits(context);
    RangeLock.unlockAll(context, waits, inode, table);
    waits.settle();
  }

  /** locks_remove_file(): the last reference to the description is gone. */
  public static void releaseDescription(CallContext context, long inode, long description) {
    if (inode == 0 || context.state().locksByOwner.count(description) == 0) {
      return;
    }
    LockWaits waits = new LockWaits(context);
    RangeLock.unlockAll(context, waits, inode, description);
    Flock.unlock(context, waits, inode, description);
    Leases.release(context, inode, description);
    waits.settle();
  }

  /** A task died: what it waited for goes, with the call that it was in. */
  public static void taskDied(CallContext context, long task) {
    withdraw(context, task);
    PendingCall call = context.state().pending.get(task);
    if (call != null && (isLockCall(call.call()))) {
      context.remove(Tables.PENDING, task);
    }
  }

  private static boolean isLockCall(String name) {
    return name.equals("flock") || name.equals("flock_timed") || name.equals("fcntl");
  }

  /** Takes back what a task waits for; followers try again. */
  public static void withdraw(CallContext context, long task) {
    KernelState state = context.state();
    if (state.locksByTask.count(task) == 0) {
      return;
    }
    LockWaits waits = new LockWaits(context);
    for (long key : state.locksByTask.keys(task)) {
      FileLock request = state.locks.get(key);
      if (request != null && request.waiting() && Rings.ofLock(state, request) == null) {
        waits.wake(key);
        context.emit(new LockChange.Withdrawn(key, request));
      }
    }
    waits.settle();
  }

  /** Takes back one request that waits; its followers try again. */
  public static void withdraw(CallContext context, FileLock request) {
    LockWaits waits = new LockWaits(context);
    waits.wake(request.key());
    context.emit(new LockChange.Withdrawn(request.key(), request));
    waits.settle();
  }

  /** The time of a request is up; its followers try again. */
  public static void expire(CallContext context, long key) {
    FileLock request = context.state().locks.get(key);
    if (request == null || !request.waiting()) {
      return;
    }
    LockWaits waits = new LockWaits(context);
    waits.wake(key);
    context.emit(new LockChange.TimedOut(key, request));
    waits.finish(request, Errno.ETIMEDOUT);
    waits.settle();
  }

  /** A signal that a handler takes ends what a task waits for. */
  public static void interrupt(CallContext context, long task) {
    if (waiting(context.state(), task) == null) {
      return;
    }
    withdraw(context, task);
    PendingCall call = context.state().pending.get(task);
    if (call != null && !call.done()) {
      context.put(Tables.PENDING, call.finished(-1, Errno.ERESTARTSYS));
    }
  }

  /** The request that a task waits with, or null. */
  public static FileLock waiting(KernelState state, long task) {
    for (long key : state.locksByTask.keys(task)) {
      FileLock request = state.locks.get(key);
      if (request.waiting() && Rings.ofLock(state, request) == null) {
        return request;
      }
    }
    return null;
  }

  /**
   * The kernel granted what the model does not: whatever is in the way goes. What was granted to a
   * task whose call has not returned yet waits again (another won the race); any other lock must
   * have been given up unseen.
   *
   * @param request with key 0, or one that waits
   */
  public static void force(CallContext context, FileLock request) {
    KernelState state = context.state();
    LockWaits waits = new LockWaits(context);
    List<FileLock> losers = new ArrayList<>();
    FileLock lock = blocking(state, request);
    while (lock != null) {
      PendingCall call = state.pending.get(lock.task());
      if (call != null && call.done() && lock.task() != request.task()) {
        context.put(Tables.PENDING, call.waitingAgain());
        losers.add(lock.granted(0, 0, lock.since()));
      }
      RangeLock.yield(context, waits, lock, request);
      lock = blocking(state, request);
    }
    if (request.type() == Type.FLOCK) {
      Flock.attempt(context, waits, request, true);
    } else {
      RangeLock.attempt(context, waits, request, true);
    }
    for (FileLock loser : losers) {
      if (loser.type() == Type.FLOCK) {
        Flock.attempt(context, waits, loser, true);
      } else {
        RangeLock.attempt(context, waits, loser, true);
      }
    }
    waits.settle();
  }

  private static FileLock blocking(KernelState state, FileLock request) {
    return request.type() == Type.FLOCK
        ? Flock.firstConflict(state, request)
        : RangeLock.firstConflict(state, request);
  }

  /** Whether two requests of any family hinder each other. */
  static boolean conflict(FileLock a, FileLock b) {
    return a.conflicts(b);
  }
}

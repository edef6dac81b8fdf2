package io.kledger.engine.lock;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.uring.Rings;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.LockChange;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.task.PendingCall;
import java.util.ArrayDeque;

/**
 * The trees of waiting requests, and those that were woken and try again: __locks_insert_block(),
 * __locks_wake_up_blocks(). One object per event; {@link #settle} lets the woken ones run, oldest
 * first, when the step that woke them is complete (in the kernel they wait for its spinlock).
 */
final class LockWaits {
  /** The blocker of a request that was woken and has not tried again. */
  private static final long AWAKE = -1;

  private final CallContext context;
  private final KernelState state;
  private final ArrayDeque<Long> awake = new ArrayDeque<>();

  LockWaits(CallContext context) {
    this.context = context;
    this.state = context.state();
  }

  /** Queues a request behind the first lock or waiter that it conflicts with, depth first. */
  FileLock insert(FileLock request, FileLock blocking) {
    FileLock node = blocking;
    boolean deeper = true;
    while (deeper) {
      deeper = false;
      for (long key : state.locksByBlocker.keys(node.key())) {
        FileLock waiter = state.locks.get(key);
        if (key != request.key() && LockTable.conflict(waiter, request)) {
          node = waiter;
          deeper = true;
          break;
        }
      }
    }
    boolean queued = request.key() != 0;
    FileLock waiting = request.withBlocker(node.key(), context.next(CounterId.ORDER));
    if (queued) {
      context.emit(new LockChange.Requeued(waiting));
    } else {
      waiting = waiting.granted(context.newKey(), waiting.order(), context.position());
      waiting = waiting.withBlocker(node.key(), waiting.order());
      context.emit(new LockChange.Blocked(waiting));
    }
    wake(waiting.key());
    return waiting;
  }

  /** Detaches all that wait directly for this lock or waiter; they try again at {@link #settle}. */
  void wake(long blocker) {
    if (blocker == 0) {
      return;
    }
    for (long key : state.locksByBlocker.keys(blocker)) {
      FileLock waiter = state.locks.get(key);
      context.put(Tables.LOCKS, waiter.withBlocker(AWAKE, waiter.order()));
      awake.add(key);
    }
  }

  /** locks_move_blocks(): what waits for the request waits for the lock now. */
  void move(long from, long to) {
    if (from == 0 || from == to) {
      return;
    }
    for (long key : state.locksByBlocker.keys(from)) {
      FileLock waiter = state.locks.get(key);
      context.put(Tables.LOCKS, waiter.withBlocker(to, waiter.order()));
    }
  }

  /** The request has what it asked for: its row goes, and its call may return. */
  void done(FileLock request) {
    if (request.key() != 0) {
      wake(request.key());
      context.remove(Tables.LOCKS, request.key());
      finish(request, 0);
    }
  }

  /** The call, or the ring's request, that waited ends with this error, 0 for success. */
  void finish(FileLock request, int error) {
    if (Rings.lockEnded(context, request, error)) {
      return;
    }
    PendingCall call = state.pending.get(request.task());
    if (call != null && !call.done()) {
      context.put(Tables.PENDING, call.finished(error == 0 ? 0 : -1, error));
    }
  }

  /** Lets the woken requests try again until none is left. */
  void settle() {
    while (!awake.isEmpty()) {
      FileLock request = state.locks.get(awake.poll());
      if (request == null || request.blocker() != AWAKE) {
        continue;
      }
      LockTable.Answer answer =
          request.type() == FileLock.Type.FLOCK
              ? Flock.attempt(context, this, request, true)
              : RangeLock.attempt(context, this, request, true);
      if (answer == LockTable.Answer.DEADLOCK) {
        wake(request.key());
        context.emit(new LockChange.Withdrawn(request.key(), request));
        finish(request, Errno.EDEADLK);
      }
    }
  }
}

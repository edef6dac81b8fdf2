package io.kledger.engine.uring;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.lock.LockTable;
import io.kledger.engine.time.Timers;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.time.Timer.Purpose;
import io.kledger.kernel.uring.RingRequest;
import io.kledger.kernel.uring.RingRequest.State;

/** Completion, cancellation and timeouts of requests. */
public final class Rings {
  private Rings() {}

  /** Posts a completion. */
  public static void complete(CallContext context, RingRequest request, long result) {
    if (result >= 0 && request.sqe().contains("IOSQE_CQE_SKIP_SUCCESS")) {
      context.remove(Tables.RING_REQUESTS, request.key());
      return;
    }
    context.put(Tables.RING_REQUESTS, request.done(result, context.next(CounterId.ORDER)));
  }

  /** Completes a request that there are no rules for. */
  public static void unknown(CallContext context, RingRequest request) {
    context.put(Tables.RING_REQUESTS, request.notKnown(context.next(CounterId.ORDER)));
  }

  /** What a waiting lock request stands for is complete; false if it is a task's own. */
  public static boolean lockEnded(CallContext context, FileLock lock, int error) {
    RingRequest request = ofLock(context.state(), lock);
    if (request == null) {
      return false;
    }
    complete(context, request, -error);
    return true;
  }

  /** The request that a waiting lock belongs to, or null. */
  public static RingRequest ofLock(KernelState state, FileLock lock) {
    return state.ringRequests.size() == 0 || lock.key() == 0
        ? null
        : state.ringRequestsByLock.first(lock.key());
  }

  /** A linked timeout is over: the request before it is cancelled. */
  public static void expire(CallContext context, long key) {
    RingRequest timeout = context.state().ringRequests.get(key);
    if (timeout == null || timeout.state() != State.BLOCKED) {
      return;
    }
    RingRequest target = context.state().ringRequests.get(timeout.before());
    if (target != null && target.state() == State.BLOCKED) {
      cancel(context, target);
    }
    complete(context, timeout, -Errno.ETIME);
  }

  /** A blocked request ends with ECANCELED. */
  public static void cancel(CallContext context, RingRequest request) {
    withdraw(context, request);
    complete(context, request, -Errno.ECANCELED);
  }

  private static void withdraw(CallContext context, RingRequest request) {
    FileLock lock = request.lock() == 0 ? null : context.state().locks.get(request.lock());
    if (lock != null && lock.waiting()) {
      LockTable.withdraw(context, lock);
    }
  }

  /**
   * The last reference to a ring is gone: what waits is cancelled, and nobody takes completions.
   */
  public static void release(CallContext context, long ring) {
    KernelState state = context.state();
    RingFiles.dropAll(context, ring);
    if (state.rings.get(ring) != null) {
      context.remove(Tables.RINGS, ring);
    }
    for (long key : state.ringRequestsByRing.keys(ring)) {
      RingRequest request = state.ringRequests.require(key);
      Timers.stop(context, Purpose.LINK_TIMEOUT, key);
      withdraw(context, request);
      context.remove(Tables.RING_REQUESTS, key);
    }
  }
}

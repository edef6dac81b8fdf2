package io.kledger.engine.lock;

import io.kledger.engine.CallContext;
import io.kledger.engine.lock.LockTable.Answer;
import io.kledger.engine.watch.Events;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.LockChange;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.lock.FileLock.Mode;
import io.kledger.kernel.lock.FileLock.Type;

/** BSD locks: flock_lock_inode(). One per inode and open file description. */
final class Flock {
  private Flock() {}

  /** Tries a request, new (key 0) or woken. */
  static Answer attempt(CallContext context, LockWaits waits, FileLock request, boolean sleep) {
    FileLock own = held(context.state(), request.inode(), request.owner());
    if (own != null && own.mode() == request.mode()) {
      waits.done(request);
      return Answer.GRANTED;
    }
    FileLock blocking = firstConflict(context.state(), request);
    if (own != null) {
      drop(context, waits, own, blocking == null);
    }
    if (blocking != null) {
      if (!sleep) {
        return Answer.CONFLICT;
      }
      waits.insert(request, blocking);
      return Answer.WAITS;
    }
    grant(context, waits, request, own);
    return Answer.GRANTED;
  }

  /** LOCK_UN, or the end of the description. */
  static void unlock(CallContext context, LockWaits waits, long inode, long owner) {
    FileLock own = held(context.state(), inode, owner);
    if (own != null) {
      drop(context, waits, own, false);
    }
  }

  static FileLock firstConflict(KernelState state, FileLock request) {
    // What is granted is one exclusive lock or shared ones only: the first two tell all.
    int held = Math.min(2, state.flocksByInode.count(request.inode()));
    for (int i = 0; i < held; i++) {
      FileLock lock = state.locks.get(state.flocksByInode.keyAt(request.inode(), i));
      if (lock.conflicts(request)) {
        return lock;
      }
    }
    return null;
  }

  private static void grant(
      CallContext context, LockWaits waits, FileLock request, FileLock converted) {
    FileLock lock =
        request.granted(context.newKey(), context.next(CounterId.ORDER), context.position());
    context.emit(
        converted != null
            ? new LockChange.Converted(lock, converted)
            : new LockChange.Acquired(lock, 0, FileLock.EOF));
    tell(context, lock, true);
    waits.move(request.key(), lock.key());
    waits.done(request);
  }

  /** Removes a held lock; {@code converting} if its successor is granted in the same step. */
  private static void drop(CallContext context, LockWaits waits, FileLock own, boolean converting) {
    waits.wake(own.key());
    context.emit(
        converting
            ? new LockChange.Dropped(own.key(), own)
            : new LockChange.Released(own.key(), null, own, 0, FileLock.EOF));
    tell(context, own, false);
  }

  private static void tell(CallContext context, FileLock lock, boolean granted) {
    OpenFileDescription file = context.state().descriptions.get(lock.owner());
    if (file != null) {
      Events.of(context).locked(file, granted);
    }
  }

  static FileLock held(KernelState state, long inode, long owner) {
    for (long key : state.locksByOwner.keys(owner)) {
      FileLock lock = state.locks.get(key);
      if (lock.type() == Type.FLOCK && !lock.waiting() && lock.inode() == inode) {
        return lock;
      }
    }
    return null;
  }

  /** A request for the whole file. */
  static FileLock request(
      CallContext context, long inode, long description, Mode mode, int pid, boolean inferred) {
    return new FileLock(
        0,
        inode,
        Type.FLOCK,
        description,
        mode,
        0,
        FileLock.EOF,
        pid,
        context.taskKey(),
        0,
        0,
        context.position(),
        inferred);
  }
}

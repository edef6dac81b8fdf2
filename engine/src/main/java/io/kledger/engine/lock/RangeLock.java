package io.kledger.engine.lock;

import io.kledger.engine.CallContext;
import io.kledger.engine.lock.LockTable.Answer;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.LockChange;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.lock.FileLock.Mode;
import io.kledger.kernel.lock.FileLock.Type;
import io.kledger.store.Index;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * POSIX and open file description locks: posix_lock_inode(). The granted locks of an inode stand in
 * a list, those of one owner together (they share {@link FileLock#order}) and by start.
 */
final class RangeLock {
  private static final int MAX_DEADLK_ITERATIONS = 10;
  private static final Comparator<FileLock> LIST =
      Comparator.comparingLong(FileLock::order).thenComparingLong(FileLock::start);

  private RangeLock() {}

  /** Tries a request for a lock, new (key 0) or woken. */
  static Answer attempt(CallContext context, LockWaits waits, FileLock request, boolean sleep) {
    FileLock blocking = firstConflict(context.state(), request);
    if (blocking == null) {
      set(context, waits, request);
      waits.done(request);
      return Answer.GRANTED;
    }
    if (!sleep) {
      return Answer.CONFLICT;
    }
    waits.wake(request.key());
    if (deadlock(context.state(), request, blocking)) {
      return Answer.DEADLOCK;
    }
    waits.insert(request, blocking);
    return Answer.WAITS;
  }

  /** The first lock in list order that the request cannot be granted beside, or null. */
  static FileLock firstConflict(KernelState state, FileLock request) {
    long inode = request.inode();
    Index<FileLock> writes = state.writeRangesByInode;
    FileLock first = null;
    int held = writes.count(inode);
    for (int i = Math.max(0, writes.lowerBound(inode, request.start()) - 1); i < held; i++) {
      FileLock lock = state.locks.get(writes.keyAt(inode, i));
      if (lock.start() > request.end()) {
        break;
      }
      first = earlier(first, lock, request);
    }
    return request.mode() == Mode.WRITE ? firstReader(state, request, first) : first;
  }

  /**
   * Shared locks may overlap each other. Two ways to look for the first that is in the way go side
   * by side, and the one that ends sooner has the answer: through the kernel's list, which may stop
   * at the first conflict, and through those that begin in time (or those that last), which are few
   * where the request is at an end of the file.
   */
  private static FileLock firstReader(KernelState state, FileLock request, FileLock writer) {
    long inode = request.inode();
    int all = state.readRangesByStart.count(inode);
    int begun =
        request.end() == FileLock.EOF
            ? all
            : state.readRangesByStart.lowerBound(inode, request.end() + 1);
    int over = state.readRangesByEnd.lowerBound(inode, request.start());
    boolean byStart = begun <= all - over;
    Index<FileLock> ranges = byStart ? state.readRangesByStart : state.readRangesByEnd;
    int from = byStart ? 0 : over;
    int steps = byStart ? begun : all - over;
    int listed = state.locksByInode.count(inode);
    FileLock inRange = writer;
    FileLock inList = null;
    for (int i = 0; i < steps; i++) {
      inRange = earlier(inRange, state.locks.get(ranges.keyAt(inode, from + i)), request);
      FileLock next = i < listed ? state.locks.get(state.locksByInode.keyAt(inode, i)) : null;
      if (inList != null && (next == null || next.order() != inList.order())) {
        return writer == null || LIST.compare(inList, writer) < 0 ? inList : writer;
      }
      if (next != null && next.grantedRange() && next.mode() == Mode.READ) {
        inList = earlier(inList, next, request);
      }
    }
    return inRange;
  }

  private static FileLock earlier(FileLock first, FileLock lock, FileLock request) {
    return lock.conflicts(request) && (first == null || LIST.compare(lock, first) < 0)
        ? lock
        : first;
  }

  /** The first own lock that overlaps, for F_OFD_GETLK with F_UNLCK. */
  static FileLock firstOwn(KernelState state, FileLock request) {
    for (FileLock lock : near(state, request)) {
      if (lock.overlaps(request)) {
        return lock;
      }
    }
    return null;
  }

  /** Granted locks of the requester on the inode that overlap the request or touch it, by start. */
  private static List<FileLock> near(KernelState state, FileLock request) {
    return own(state, request.inode(), request.owner(), request.start(), request.end());
  }

  /** Granted locks of an owner on an inode, by start. */
  static List<FileLock> own(KernelState state, long inode, long owner) {
    return own(state, inode, owner, 0, FileLock.EOF);
  }

  private static List<FileLock> own(
      KernelState state, long inode, long owner, long start, long end) {
    long group = KernelState.pair(inode, owner);
    Index<FileLock> ranges = state.rangesByOwner;
    int held = ranges.count(group);
    List<FileLock> own = new ArrayList<>();
    for (int i = Math.max(0, ranges.lowerBound(group, start) - 1); i < held; i++) {
      FileLock lock = state.locks.get(ranges.keyAt(group, i));
      if (end != FileLock.EOF && lock.start() > end + 1) {
        break;
      }
      if (lock.inode() == inode && lock.owner() == owner && lock.end() >= start - 1) {
        own.add(lock);
      }
    }
    return own;
  }

  /** Grants: merges with, replaces or cuts what the owner has. */
  private static void set(CallContext context, LockWaits waits, FileLock request) {
    List<FileLock> own = near(context.state(), request);
    FileLock any =
        context.state().rangesByOwner.first(KernelState.pair(request.inode(), request.owner()));
    long order = any == null ? context.next(CounterId.ORDER) : any.order();
    FileLock result = null;
    boolean fresh = false;
    long start = request.start();
    long end = request.end();
    List<FileLock> cut = new ArrayList<>();
    List<FileLock> gone = new ArrayList<>();
    for (FileLock lock : own) {
      if (lock.mode() != request.mode()) {
        if (lock.end() >= start && lock.start() <= end) {
          cut.add(lock);
        }
      } else if (lock.end() >= start - 1 && (end == FileLock.EOF || lock.start() <= end + 1)) {
        start = Math.min(start, lock.start());
        end = Math.max(end, lock.end());
        if (result == null) {
          result = lock;
        } else {
          gone.add(lock);
        }
      }
    }
    if (result == null) {
      fresh = true;
      result = request.granted(context.newKey(), order, context.position());
    }
    cutOut(context, waits, cut, request.start(), request.end());
    for (FileLock lock : gone) {
      waits.wake(lock.key());
      context.emit(new LockChange.Dropped(lock.key(), lock));
    }
    context.emit(
        new LockChange.Acquired(result.withRange(start, end), request.start(), request.end()));
    if (fresh) {
      waits.move(request.key(), result.key());
    }
  }

  /** F_UNLCK. */
  static void unlock(CallContext context, LockWaits waits, FileLock request) {
    boolean first = true;
    for (FileLock lock : near(context.state(), request)) {
      if (!lock.overlaps(request)) {
        continue;
      }
      waits.wake(lock.key());
      boolean left = lock.start() < request.start();
      boolean right = lock.end() > request.end();
      FileLock rest =
          right
              ? lock.withRange(request.end() + 1, lock.end())
              : left ? lock.withRange(lock.start(), request.start() - 1) : null;
      if (first) {
        context.emit(
            new LockChange.Released(lock.key(), rest, lock, request.start(), request.end()));
      } else {
        context.emit(
            rest == null
                ? new LockChange.Dropped(lock.key(), lock)
                : new LockChange.Adjusted(rest));
      }
      first = false;
      if (left && right) {
        split(context, lock, request.start() - 1);
      }
    }
  }

  /** The owner gives up all it has on an inode. */
  static void unlockAll(CallContext context, LockWaits waits, long inode, long owner) {
    List<FileLock> own = own(context.state(), inode, owner);
    for (int i = 0; i < own.size(); i++) {
      FileLock lock = own.get(i);
      waits.wake(lock.key());
      context.emit(
          i == 0
              ? new LockChange.Released(lock.key(), null, lock, lock.start(), own.getLast().end())
              : new LockChange.Dropped(lock.key(), lock));
    }
  }

  /** A lock gives way to a request that the kernel granted. */
  static void yield(CallContext context, LockWaits waits, FileLock lock, FileLock request) {
    cutOut(context, waits, List.of(lock), request.start(), request.end());
  }

  private static void cutOut(
      CallContext context, LockWaits waits, List<FileLock> locks, long start, long end) {
    for (FileLock lock : locks) {
      waits.wake(lock.key());
      boolean left = lock.start() < start;
      if (lock.end() > end) {
        context.emit(new LockChange.Adjusted(lock.withRange(end + 1, lock.end())));
        if (left) {
          split(context, lock, start - 1);
        }
      } else if (left) {
        context.emit(new LockChange.Adjusted(lock.withRange(lock.start(), start - 1)));
      } else {
        context.emit(new LockChange.Dropped(lock.key(), lock));
      }
    }
  }

  /** The left part of a lock that was cut in two is a new one (the right part keeps the old). */
  private static void split(CallContext context, FileLock lock, long end) {
    FileLock left = lock.granted(context.newKey(), lock.order(), lock.since());
    context.emit(new LockChange.Adjusted(left.withRange(lock.start(), end)));
  }

  /** posix_locks_deadlock(). */
  private static boolean deadlock(KernelState state, FileLock request, FileLock blocking) {
    if (request.type() != Type.POSIX || request.mode() == Mode.UNLCK) {
      return false;
    }
    FileLock blocker = whatOwnerWaitsFor(state, blocking);
    for (int i = 0; blocker != null; i++) {
      if (i > MAX_DEADLK_ITERATIONS) {
        return false;
      }
      if (blocker.owner() == request.owner()) {
        return true;
      }
      blocker = whatOwnerWaitsFor(state, blocker);
    }
    return false;
  }

  /** what_owner_is_waiting_for(): requests behind open file description locks are not looked at. */
  private static FileLock whatOwnerWaitsFor(KernelState state, FileLock lock) {
    long[] keys = state.waitersByOwner.keys(lock.owner());
    for (int i = keys.length - 1; i >= 0; i--) {
      FileLock up = state.locks.get(state.locks.get(keys[i]).blocker());
      if (up != null && up.type() == Type.POSIX) {
        while (up.waiting() && state.locks.get(up.blocker()) != null) {
          up = state.locks.get(up.blocker());
        }
        return up;
      }
    }
    return null;
  }
}

package io.kledger.engine.lock;

import io.kledger.engine.CallContext;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.LockChange;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.lock.FileLock.Type;

/** Leases (generic_setlease()): on a file, one per open file description. */
public final class Leases {
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

  /** Gives a lease up. */
  public static void release(CallContext context, long inode, long description) {
    FileLock lease = held(context.state(), inode, description);
    if (lease != null) {
      context.emit(new LockChange.Released(lease.key(), null, lease, 0, FileLock.EOF));
    }
  }
}

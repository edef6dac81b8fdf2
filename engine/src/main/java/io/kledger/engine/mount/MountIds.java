package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;

/**
 * Ids of mounts, peer groups and anonymous devices. The small ones are the smallest free
 * (ida_alloc()); in a trace the kernel's own are not seen, so these are names that stand for them.
 */
public final class MountIds {
  /** The 64-bit ids begin above 2^31 (MNT_UNIQUE_ID_OFFSET). */
  private static final long UNIQUE_OFFSET = 1L << 31;

  private MountIds() {}

  static int mount(CallContext context) {
    KernelState state = context.state();
    long id = state.counter(CounterId.MOUNT_ID_FLOOR) + 1;
    while (state.mountsById.count(id) > 0) {
      id++;
    }
    context.set(CounterId.MOUNT_ID_FLOOR, id);
    return (int) id;
  }

  /** The mount is gone: its id may be given out again. */
  static void mountReleased(CallContext context, int id) {
    if (id - 1 < context.state().counter(CounterId.MOUNT_ID_FLOOR)) {
      context.set(CounterId.MOUNT_ID_FLOOR, id - 1L);
    }
  }

  static long unique(CallContext context) {
    context.raise(CounterId.MOUNT_UNIQUE_ID, UNIQUE_OFFSET);
    return context.next(CounterId.MOUNT_UNIQUE_ID);
  }

  /** Takes changes back; 64-bit ids that were given out are not given out again. */
  public static void rollback(CallContext context, int mark) {
    long last = context.state().counter(CounterId.MOUNT_UNIQUE_ID);
    context.rollback(mark);
    context.raise(CounterId.MOUNT_UNIQUE_ID, last);
  }

  static int peerGroup(CallContext context) {
    KernelState state = context.state();
    int id = 1;
    while (state.mountsByPeerGroup.count(id) > 0) {
      id++;
    }
    return id;
  }

  /** The minor of an anonymous device (get_anon_bdev()). */
  static int anonymousMinor(CallContext context) {
    KernelState state = context.state();
    int minor = 1;
    while (Superblocks.byDevice(state, 0, minor) != null) {
      minor++;
    }
    return minor;
  }
}

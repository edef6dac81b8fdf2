package io.kledger.engine.uring;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.FilePut;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.uring.RingFile;

/** Files that a ring holds by itself: io_uring/rsrc.c and io_uring/filetable.c. */
public final class RingFiles {
  private RingFiles() {}

  /** The file in a slot, or null. */
  public static RingFile at(KernelState state, long ring, int slot) {
    for (long key : state.ringFilesByRing.keys(ring)) {
      RingFile file = state.ringFiles.require(key);
      if (file.slot() == slot) {
        return file;
      }
    }
    return null;
  }

  /** The lowest free slot of so many, -1 if there is none. */
  public static int free(KernelState state, long ring, int slots) {
    for (int slot = 0; slot < slots; slot++) {
      if (at(state, ring, slot) == null) {
        return slot;
      }
    }
    return -1;
  }

  /** A description gets into a slot; what was there is put. */
  public static void put(CallContext context, long ring, int slot, long description) {
    RingFile old = at(context.state(), ring, slot);
    context.put(Tables.RING_FILES, new RingFile(context.newKey(), ring, slot, description));
    if (old != null) {
      drop(context, old);
    }
  }

  /** A slot is emptied. */
  public static void drop(CallContext context, RingFile file) {
    context.remove(Tables.RING_FILES, file.key());
    FilePut.put(context, file.description());
  }

  /** All slots are emptied. */
  public static void dropAll(CallContext context, long ring) {
    for (long key : context.state().ringFilesByRing.keys(ring)) {
      RingFile file = context.state().ringFiles.get(key);
      if (file != null) {
        drop(context, file);
      }
    }
  }
}

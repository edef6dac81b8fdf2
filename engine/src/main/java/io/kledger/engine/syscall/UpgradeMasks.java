package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.OpenFlags;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.UpgradeMask;

/** Proposed: what an O_PATH descriptor may not be opened again for. Masks only grow. */
final class UpgradeMasks {
  private UpgradeMasks() {}

  /** The mask of a description; 0 if it has none. */
  static long of(KernelState state, long description) {
    UpgradeMask row = description == 0 ? null : state.upgradeMasks.get(description);
    return row == null ? 0 : row.mask();
  }

  /** Null if a description with this mask may be opened again with these flags. */
  static Result check(CallContext context, long mask, long flags) {
    if (mask == 0 || (flags & OpenFlags.PATH) != 0) {
      return null;
    }
    long mode = flags & OpenFlags.ACCMODE;
    boolean read = mode != OpenFlags.WRONLY;
    boolean write = mode != OpenFlags.RDONLY || (flags & OpenFlags.TRUNC) != 0;
    return check(context, mask, read, write);
  }

  /** Null if access through a description with this mask is allowed. */
  static Result check(CallContext context, long mask, boolean read, boolean write) {
    boolean barred =
        read && (mask & UpgradeMask.NO_READ) != 0 || write && (mask & UpgradeMask.NO_WRITE) != 0;
    if (!barred || !context.refuse("F19 upgrade mask")) {
      return null;
    }
    context.notice("file.reopen_denied", "pid", Integer.toString(context.task().tid()));
    return context.fail(Errno.EACCES, "F19 upgrade mask");
  }

  /** A new O_PATH description gets its mask. */
  static void give(CallContext context, OpenFileDescription file, long mask) {
    if (mask != 0 && file.pathOnly()) {
      context.put(Tables.UPGRADE_MASKS, new UpgradeMask(file.key(), mask));
    }
  }
}

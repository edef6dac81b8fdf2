package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.event.avro.FcntlCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Seals;
import io.kledger.kernel.mount.Superblock;

/** Seals of memory files: memfd_add_seals(), memfd_get_seals() of mm/memfd.c. */
final class SealCommands {
  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;
  private static final int EXECUTABLE = 0111;

  private SealCommands() {}

  /** Null if the command is none of these. */
  static Result fcntl(CallContext context, FcntlCall call, int command, OpenFileDescription file) {
    return switch (command) {
      case F_ADD_SEALS -> add(context, file, FcntlCalls.number(call));
      case F_GET_SEALS -> get(context, file);
      default -> null;
    };
  }

  /** The seals of an inode; null if the ledger does not know them. */
  private static Seals of(CallContext context, OpenFileDescription file, Inode inode) {
    Seals seals = context.state().seals.get(inode.key());
    if (seals != null) {
      return seals;
    }
    // Files of a tmpfs cannot be sealed any more: shmem_get_inode() says F_SEAL_SEAL.
    boolean named = file.kind() == FileKind.PATH;
    return named ? new Seals(inode.key(), Seals.SEAL) : null;
  }

  private static boolean sealable(KernelState state, OpenFileDescription file, Inode inode) {
    if (file.kind() == FileKind.MEMFD) {
      return true;
    }
    Superblock superblock = inode == null ? null : state.superblocks.get(inode.superblock());
    return file.kind() == FileKind.PATH
        && superblock != null
        && superblock.type().toString().equals("tmpfs")
        && inode.regular();
  }

  private static Result get(CallContext context, OpenFileDescription file) {
    Inode inode = context.state().inodes.get(file.inode());
    Result refused = kind(context, file, inode);
    if (refused != null) {
      return refused;
    }
    Seals seals = inode == null ? null : of(context, file, inode);
    return seals == null
        ? new Result.Unknown("seals from before the trace")
        : Result.value(seals.bits());
  }

  /** Null if the file is one that has seals. */
  private static Result kind(CallContext context, OpenFileDescription file, Inode inode) {
    boolean undecided =
        file.kind() == FileKind.OTHER
            || file.kind() == FileKind.PATH && (inode == null || !inode.typeKnown());
    if (undecided && !context.assuming()) {
      return new Result.Unknown("type of the file");
    }
    return !sealable(context.state(), file, inode) && context.refuse("F_ADD_SEALS: file")
        ? context.fail(Errno.EINVAL, "F_ADD_SEALS: file")
        : null;
  }

  private static Result add(CallContext context, OpenFileDescription file, long wanted) {
    if (!file.writable() && context.refuse("F_ADD_SEALS: not open for writing")) {
      return context.fail(Errno.EPERM, "F_ADD_SEALS: not open for writing");
    }
    if ((wanted & ~Seals.ALL) != 0 && context.refuse("F_ADD_SEALS: bits")) {
      return context.fail(Errno.EINVAL, "F_ADD_SEALS: bits");
    }
    Inode inode = context.state().inodes.get(file.inode());
    Result refused = kind(context, file, inode);
    if (refused != null) {
      return refused;
    }
    Seals seals = inode == null ? null : of(context, file, inode);
    if (seals == null) {
      return new Result.Unknown("seals from before the trace");
    }
    if (seals.has(Seals.SEAL) && context.refuse("F_ADD_SEALS: sealed")) {
      return context.fail(Errno.EPERM, "F_ADD_SEALS: sealed");
    }
    long more = wanted;
    if ((wanted & Seals.EXEC) != 0 && (inode.mode() & EXECUTABLE) != 0) {
      more |= Seals.SHRINK | Seals.GROW | Seals.WRITE | Seals.FUTURE_WRITE;
    }
    context.put(Tables.SEALS, new Seals(inode.key(), seals.bits() | (int) more));
    return Result.ZERO;
  }

  /** shmem_setattr(): null if a memory file may get this size. */
  static Result resize(CallContext context, Inode inode, long size) {
    Seals seals = inode == null ? null : context.state().seals.get(inode.key());
    boolean fixed =
        seals != null
            && (seals.has(Seals.SHRINK) && size < inode.size()
                || seals.has(Seals.GROW) && size > inode.size());
    return fixed && context.refuse("sealed size") ? context.fail(Errno.EPERM, "sealed size") : null;
  }

  /** shmem_write_begin(): null if a memory file may be written to up to there. */
  static Result write(CallContext context, Inode inode, long end) {
    Seals seals = inode == null ? null : context.state().seals.get(inode.key());
    boolean refused =
        seals != null
            && (seals.has(Seals.WRITE | Seals.FUTURE_WRITE)
                || seals.has(Seals.GROW) && end > inode.size());
    return refused && context.refuse("sealed") ? context.fail(Errno.EPERM, "sealed") : null;
  }

  /** shmem_setattr(): null if the mode may change. */
  static Result mode(CallContext context, Inode inode, int mode) {
    Seals seals = context.state().seals.get(inode.key());
    boolean refused =
        seals != null && seals.has(Seals.EXEC) && ((inode.mode() ^ mode) & EXECUTABLE) != 0;
    return refused && context.refuse("sealed mode")
        ? context.fail(Errno.EPERM, "sealed mode")
        : null;
  }
}

package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.Limits;
import io.kledger.engine.uring.RingFiles;
import io.kledger.event.avro.IoUringRegisterCall;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.uring.Ring;
import java.util.ArrayList;
import java.util.List;

/** io_uring_register(2): io_uring/register.c. */
final class RingRegister {
  private static final int REGISTER_FILES = 2;
  private static final int UNREGISTER_FILES = 3;
  private static final int ENABLE_RINGS = 12;

  private RingRegister() {}

  /** __io_uring_register(): the table of files, and the switch of a ring made disabled. */
  static Result register(CallContext context, IoUringRegisterCall call) {
    UringCalls.Found found = UringCalls.ring(context, call.getFd());
    if (found.ring() == null) {
      return found.refused();
    }
    Ring ring = context.state().rings.get(found.ring().key());
    if (ring == null) {
      return new Result.Unknown("how the ring was made");
    }
    return switch ((int) call.getOpcode()) {
      case REGISTER_FILES -> files(context, call, ring);
      case UNREGISTER_FILES -> {
        if (ring.files() == 0 && context.refuse("io_sqe_files_unregister")) {
          yield context.fail(Errno.ENXIO, "io_sqe_files_unregister");
        }
        RingFiles.dropAll(context, ring.key());
        context.put(Tables.RINGS, ring.withFiles(0));
        yield Result.ZERO;
      }
      case ENABLE_RINGS -> {
        if (!ring.has(Ring.R_DISABLED) && context.refuse("io_register_enable_rings")) {
          yield context.fail(Errno.EBADFD, "io_register_enable_rings");
        }
        context.put(Tables.RINGS, ring.withFlags(ring.flags() & ~Ring.R_DISABLED));
        yield Result.ZERO;
      }
      default -> new Result.Unknown("what is registered");
    };
  }

  /** io_sqe_files_register(). */
  private static Result files(CallContext context, IoUringRegisterCall call, Ring ring) {
    String text = Arguments.text(call.getArgument()).strip();
    if (ring.files() > 0 && context.refuse("io_sqe_files_register: twice")) {
      return context.fail(Errno.EBUSY, "io_sqe_files_register: twice");
    }
    long count = call.getCount();
    if (count <= 0 && context.refuse("io_sqe_files_register: count")) {
      return context.fail(Errno.EINVAL, "io_sqe_files_register: count");
    }
    if (count > Limits.files(context) && context.refuse("io_sqe_files_register: RLIMIT_NOFILE")) {
      return context.fail(Errno.EMFILE, "io_sqe_files_register: RLIMIT_NOFILE");
    }
    if (!text.startsWith("[")) {
      return new Result.Unknown("the trace does not show the files");
    }
    List<Long> files = new ArrayList<>();
    for (String word : text.substring(1, text.length() - 1).split(",")) {
      long number = Arguments.number(word.strip(), -1);
      FdTables.Lookup one = number == -1 ? null : FdTables.get(context, (int) number);
      boolean open = one instanceof Open o && o.description().kind() != FileKind.IO_URING;
      if (number != -1 && !open && context.refuse("io_sqe_files_register: file")) {
        return context.fail(Errno.EBADF, "io_sqe_files_register: file");
      }
      files.add(one instanceof Open o ? o.description().key() : 0L);
    }
    for (int slot = 0; slot < files.size(); slot++) {
      if (files.get(slot) != 0) {
        RingFiles.put(context, ring.key(), slot, files.get(slot));
      }
    }
    context.put(Tables.RINGS, ring.withFiles((int) count));
    return Result.ZERO;
  }
}

package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.PathWalk;
import io.kledger.event.Bytes;
import io.kledger.event.avro.CreatCall;
import io.kledger.event.avro.OpenCall;
import io.kledger.event.avro.OpenHow;
import io.kledger.event.avro.Openat2Call;
import io.kledger.event.avro.OpenatCall;
import io.kledger.kernel.file.UpgradeMask;

/** open(2), openat(2), openat2(2), creat(2): the flags, build_open_flags(). */
public final class OpenCalls {
  private static final long PATH_FLAGS =
      OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW | OpenFlags.PATH | OpenFlags.CLOEXEC;
  private static final long RESOLVE_ALL = 0x3f;
  private static final int HOW_SIZE = 24;
  private static final int PAGE_SIZE = 4096;

  /** OPENAT2_REGULAR. */
  private static final long REGULAR = 1L << 32;

  /** Bytes behind the structure that are not zero and mean nothing. */
  private static final long ODD_TAIL = -1;

  private OpenCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    String missing = "waiting for the other end of a fifo, lease breaks";
    table
        .partial(
            OpenCall.class,
            missing,
            (context, call) ->
                classic(
                    context,
                    new Opening.Request(
                        null, call.getPath(), call.getFlags(), mode(call.getMode()), 0)))
        .partial(
            CreatCall.class,
            missing,
            (context, call) ->
                classic(
                    context,
                    new Opening.Request(
                        null,
                        call.getPath(),
                        OpenFlags.CREAT | OpenFlags.WRONLY | OpenFlags.TRUNC,
                        call.getMode(),
                        0)))
        .partial(
            OpenatCall.class,
            missing,
            (context, call) ->
                classic(
                    context,
                    new Opening.Request(
                        call.getDirfd(), call.getPath(), call.getFlags(), mode(call.getMode()), 0)))
        .partial(Openat2Call.class, missing + ", proposed flags", OpenCalls::openat2);
  }

  private static long mode(Long mode) {
    return mode == null ? 0 : mode;
  }

  /** What openat(2) passes over silently, and build_open_how(). */
  private static Result classic(CallContext context, Opening.Request asked) {
    long flags = asked.flags() & (OpenFlags.VALID | emptyPath(context)) | OpenFlags.LARGEFILE;
    if ((flags & OpenFlags.PATH) != 0) {
      flags &= PATH_FLAGS | emptyPath(context);
    }
    boolean creates = (flags & (OpenFlags.CREAT | OpenFlags.TMPFILE)) != 0;
    long mode = creates ? asked.mode() & 07777 : 0;
    return build(context, new Opening.Request(asked.dirfd(), asked.path(), flags, mode, 0));
  }

  /** O_EMPTYPATH, for kernels that know it. */
  private static long emptyPath(CallContext context) {
    return context.profile().atLeast(7, 2) ? OpenFlags.EMPTYPATH : 0;
  }

  static Result openat2(CallContext context, Openat2Call call) {
    if (call.getSize() < HOW_SIZE && context.refuse("C4.8 size")) {
      return context.fail(Errno.EINVAL, "C4.8 size");
    }
    if (call.getSize() > PAGE_SIZE && context.refuse("C4.8 size")) {
      return context.fail(Errno.E2BIG, "C4.8 size");
    }
    OpenHow how = call.getHow();
    if (how == null) {
      return context.assuming() || call.getHow() != null
          ? new Result.Unknown("the trace does not show the structure")
          : context.fail(Errno.EFAULT, "C4.8 structure");
    }
    long mask = tail(how);
    boolean masks = context.profile().has(KernelFeature.UPGRADE_MASKS);
    boolean long0 = call.getSize() > HOW_SIZE && mask != 0;
    if (long0 && (!masks || mask == ODD_TAIL) && context.refuse("C4.8 tail")) {
      return context.fail(Errno.E2BIG, "C4.8 tail");
    }
    boolean regular =
        (how.getFlags() & REGULAR) != 0 && context.profile().has(KernelFeature.OPEN_REGULAR);
    long flags = regular ? how.getFlags() & ~REGULAR : how.getFlags();
    long upgrade = masks && call.getSize() > HOW_SIZE ? mask : 0;
    boolean tmpfile = (flags & OpenFlags.TMPFILE) != 0;
    boolean odd =
        regular && ((flags & OpenFlags.PATH) != 0 || (flags & OpenFlags.DIRECTORY) != 0 && !tmpfile)
            || upgrade != 0
                && ((flags & OpenFlags.PATH) == 0
                    || (upgrade & ~(UpgradeMask.NO_READ | UpgradeMask.NO_WRITE)) != 0);
    if (odd && context.refuse("C4.8 flags")) {
      return context.fail(Errno.EINVAL, "C4.8 flags");
    }
    long resolve = how.getResolve();
    boolean creates = (flags & (OpenFlags.CREAT | OpenFlags.TMPFILE)) != 0;
    boolean bad =
        (flags & ~(OpenFlags.VALID | emptyPath(context))) != 0
            || (resolve & ~RESOLVE_ALL) != 0
            || (resolve & PathWalk.RESOLVE_BENEATH) != 0
                && (resolve & PathWalk.RESOLVE_IN_ROOT) != 0
            || (how.getMode() & ~(creates ? 07777L : 0L)) != 0
            || (flags & OpenFlags.PATH) != 0 && (flags & ~(PATH_FLAGS | emptyPath(context))) != 0;
    if (bad && context.refuse("C4.8 flags")) {
      return context.fail(Errno.EINVAL, "C4.8 flags");
    }
    long changes = OpenFlags.CREAT | OpenFlags.TRUNC | OpenFlags.TMPFILE;
    boolean cached = (resolve & PathWalk.RESOLVE_CACHED) != 0;
    if (cached && (flags & changes) != 0 && context.refuse("C4.9 RESOLVE_CACHED")) {
      return context.fail(Errno.EAGAIN, "C4.9 RESOLVE_CACHED");
    }
    if ((flags & OpenFlags.PATH) == 0) {
      flags |= OpenFlags.LARGEFILE;
    }
    return build(
        context,
        new Opening.Request(
            call.getDirfd(),
            call.getPath(),
            flags,
            how.getMode(),
            (int) resolve,
            regular,
            upgrade));
  }

  /** What stands behind the third member: upgrade_mask, or {@link #ODD_TAIL} for other bytes. */
  private static long tail(OpenHow how) {
    if (how.getRest() == null) {
      return 0;
    }
    String text = Bytes.of(how.getRest().getText()).latin1().strip();
    if (text.startsWith("upgrade_mask=")) {
      return RawStruct.number(text.substring(text.indexOf('=') + 1), ODD_TAIL);
    }
    return ODD_TAIL;
  }

  /** The rest of build_open_flags(), which both have. */
  private static Result build(CallContext context, Opening.Request asked) {
    long flags = asked.flags();
    boolean both =
        (flags & OpenFlags.CREAT) != 0
            && (flags & OpenFlags.DIRECTORY) != 0
            && !context.profile().has(KernelFeature.CREATE_OPEN)
            && !context.profile().atLeast(7, 4);
    if (both && context.refuse("C4.5 O_CREAT|O_DIRECTORY")) {
      return context.fail(Errno.EINVAL, "C4.5 O_CREAT|O_DIRECTORY");
    }
    if ((flags & OpenFlags.TMPFILE) != 0) {
      boolean bad =
          (flags & OpenFlags.DIRECTORY) == 0 || (flags & OpenFlags.ACCMODE) == OpenFlags.RDONLY;
      if (bad && context.refuse("C4.5 O_TMPFILE")) {
        return context.fail(Errno.EINVAL, "C4.5 O_TMPFILE");
      }
    }
    return new Opening(context, asked).run();
  }
}

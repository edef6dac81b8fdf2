package io.kledger.engine.file;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Text;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;

/**
 * Path resolution (fs/namei.c) for the calling task. In the second run of a call that the kernel
 * let succeed, names that the ledger lacks are inferred on the way.
 */
public final class PathWalk {
  public static final int AT_FDCWD = -100;

  /** LOOKUP_FOLLOW: follow a symbolic link in the last component. */
  public static final int FOLLOW = 1;

  /** LOOKUP_DIRECTORY: the result must be a directory. */
  public static final int DIRECTORY = 2;

  /** LOOKUP_EMPTY: an empty path is the start itself (AT_EMPTY_PATH). */
  public static final int EMPTY_PATH = 4;

  /** A missing last component is an answer, even in the second run: open(O_CREAT). */
  public static final int MAY_CREATE = 8;

  /** An observed ENOENT does not tell that this path's last component is missing. */
  public static final int LEARN_NOTHING = 16;

  /** The walk is no use of the mount: a mark of MNT_EXPIRE stays. */
  public static final int KEEP_EXPIRY = 64;

  /** The path is known to exist: an annotation told it. */
  static final int INFER = 32;

  public static final int RESOLVE_NO_XDEV = 0x01;
  public static final int RESOLVE_NO_MAGICLINKS = 0x02;
  public static final int RESOLVE_NO_SYMLINKS = 0x04;
  public static final int RESOLVE_BENEATH = 0x08;
  public static final int RESOLVE_IN_ROOT = 0x10;
  public static final int RESOLVE_CACHED = 0x20;

  private PathWalk() {}

  /** What a path resolves to. */
  public sealed interface Walk {}

  /** What the directory part of a path resolves to. */
  public sealed interface ParentWalk {}

  /**
   * It exists.
   *
   * @param place where; {@link Place#UNKNOWN} for an object without a path, reached by a magic link
   *     or an empty path
   * @param description key of the open file description that a magic link or an empty path gave,
   *     else 0
   * @param namespace key of the Namespace that a link of /proc/PID/ns gave, else 0
   */
  public record Found(Place place, long description, long namespace) implements Walk {
    static Found at(Place place) {
      return new Found(place, 0, 0);
    }
  }

  /** Everything but the last component exists. */
  public record Missing(Place directory, Bytes name, boolean trailingSlash) implements Walk {}

  /** The kernel refuses. */
  public record Refused(int errno, String rule) implements Walk, ParentWalk {}

  /** The ledger lacks what the answer depends on. */
  public record Unknown(String reason) implements Walk, ParentWalk {}

  /** Kinds of a last component (enum of include/linux/namei.h). */
  public enum Last {
    NORM,
    ROOT,
    DOT,
    DOTDOT
  }

  /** The directory of the last component, and that component. */
  public record Parent(Place directory, Bytes name, Last last, boolean trailingSlash)
      implements ParentWalk {}

  /** Resolves a path argument relative to a directory fd. */
  public static Walk walk(CallContext context, Fd dirfd, Text path, int flags) {
    return walk(context, dirfd, path, flags, 0, 0);
  }

  /**
   * Resolves a path argument.
   *
   * @param dirfd null for AT_FDCWD
   * @param type S_IFMT bits of what an inferred last component is; 0 if the call does not say
   * @param resolve RESOLVE_* bits of openat2(2)
   */
  public static Walk walk(
      CallContext context, Fd dirfd, Text path, int flags, int type, int resolve) {
    Refused bad = badString(path);
    if (bad != null) {
      return bad;
    }
    if (unreadable(path)) {
      return new Unknown("the trace does not show the path");
    }
    Bytes text = Bytes.of(path.getValue());
    if (text.isEmpty()) {
      return (flags & EMPTY_PATH) == 0
          ? new Refused(Errno.ENOENT, "getname: empty path")
          : itself(context, dirfd);
    }
    Walk start = start(context, dirfd, text, resolve);
    if (!(start instanceof Found found)) {
      return start;
    }
    Walk walk = new Walker(context, flags, type, resolve).walk(found.place(), text);
    if (walk instanceof Found end && (flags & KEEP_EXPIRY) == 0) {
      clearExpiry(context, end.place().mount());
    }
    return walk;
  }

  /** Resolves from a place; for paths that the engine itself makes. */
  public static Walk walk(CallContext context, Place start, Bytes path, int flags, int type) {
    return new Walker(context, flags, type, 0).walk(start, path);
  }

  /** Resolves all but the last component (LOOKUP_PARENT). */
  public static ParentWalk parent(CallContext context, Fd dirfd, Text path) {
    return parent(context, dirfd, path, 0);
  }

  /** As {@link #parent(CallContext, Fd, Text)}, with RESOLVE_* bits. */
  public static ParentWalk parent(CallContext context, Fd dirfd, Text path, int resolve) {
    Refused bad = badString(path);
    if (bad != null) {
      return bad;
    }
    if (unreadable(path)) {
      return new Unknown("the trace does not show the path");
    }
    Bytes text = Bytes.of(path.getValue());
    if (text.isEmpty()) {
      return new Refused(Errno.ENOENT, "getname: empty path");
    }
    return switch (start(context, dirfd, text, resolve)) {
      case Found found ->
          new Walker(context, LEARN_NOTHING, 0, resolve).parent(found.place(), text);
      case Refused refused -> refused;
      case Unknown unknown -> unknown;
      case Missing missing -> new Refused(Errno.ENOENT, "missing start");
    };
  }

  /** Where the task's absolute paths begin; {@link Place#UNKNOWN} if not known. */
  public static Place root(CallContext context) {
    FsStruct fs = context.state().fs.get(context.task().fs());
    return fs == null ? Place.UNKNOWN : fs.root();
  }

  /** Where a relative path begins; {@link Place#UNKNOWN} if not known. */
  public static Place start(CallContext context, Fd dirfd) {
    return start(context, dirfd, Bytes.of("."), 0) instanceof Found found
        ? found.place()
        : Place.UNKNOWN;
  }

  /** mntput(): whoever gives a mount back has used it. */
  private static void clearExpiry(CallContext context, long key) {
    Mount mount = context.state().mounts.get(key);
    if (mount != null && mount.expiry()) {
      context.emit(new MountChange.Changed(mount.withExpiry(false)));
    }
  }

  private static Refused badString(Text path) {
    if (path == null) {
      return new Refused(Errno.EFAULT, "getname: null pointer");
    }
    if (path.getValue().remaining() >= 4096) {
      return new Refused(Errno.ENAMETOOLONG, "getname: PATH_MAX");
    }
    return null;
  }

  private static boolean unreadable(Text path) {
    return path.getAddress() != null || path.getCut();
  }

  /** path_init(). */
  private static Walk start(CallContext context, Fd dirfd, Bytes path, int resolve) {
    Task task = context.task();
    boolean scoped = (resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) != 0;
    if (path.at(0) == '/' && !scoped) {
      return place(root(context), "the task's root");
    }
    if (path.at(0) == '/' && (resolve & RESOLVE_BENEATH) != 0) {
      return new Refused(Errno.EXDEV, "RESOLVE_BENEATH: absolute path");
    }
    if (dirfd == null || dirfd.getNumber() == AT_FDCWD) {
      FsStruct fs = context.state().fs.get(task.fs());
      return place(fs == null ? Place.UNKNOWN : cwd(context, fs, dirfd), "the working directory");
    }
    return switch (FdTables.get(context, dirfd)) {
      case FdTables.Open open -> {
        FileKind kind = open.description().kind();
        boolean never = kind != FileKind.PATH && kind != FileKind.OTHER;
        yield never && context.refuse("path_init: not a directory")
            ? new Refused(Errno.ENOTDIR, "path_init: not a directory")
            : place(open.description().place(), "what the fd is");
      }
      case FdTables.NotOpen none -> new Refused(Errno.EBADF, "path_init: fd not open");
      case FdTables.NotSeen none -> new Unknown("fd " + dirfd.getNumber() + " was never seen");
    };
  }

  /**
   * The working directory; one that the log has not shown is learned from what is printed of it.
   */
  private static Place cwd(CallContext context, FsStruct fs, Fd dirfd) {
    if (fs.cwd().known() || dirfd == null || dirfd.getTarget() == null || context.simulated()) {
      return fs.cwd();
    }
    FdTarget told = FdTarget.parse(Bytes.of(dirfd.getTarget()));
    Place place =
        told.kind() == FileKind.PATH
            ? FdInference.place(context, told, Inode.S_IFDIR)
            : Place.UNKNOWN;
    if (place.known()) {
      context.put(Tables.FS, fs.withCwd(place));
    }
    return place;
  }

  private static Walk place(Place place, String what) {
    return place.known() ? Found.at(place) : new Unknown(what + " is not known");
  }

  /** AT_EMPTY_PATH: the fd's own file, of any kind. */
  private static Walk itself(CallContext context, Fd dirfd) {
    if (dirfd == null || dirfd.getNumber() == AT_FDCWD) {
      return start(context, dirfd, Bytes.of("."), 0);
    }
    return switch (FdTables.get(context, dirfd)) {
      case FdTables.Open open -> {
        OpenFileDescription file = open.description();
        yield new Found(file.place(), file.key(), 0);
      }
      case FdTables.NotOpen none -> new Refused(Errno.EBADF, "fd not open");
      case FdTables.NotSeen none -> new Unknown("fd " + dirfd.getNumber() + " was never seen");
    };
  }
}

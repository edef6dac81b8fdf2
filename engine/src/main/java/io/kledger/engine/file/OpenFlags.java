package io.kledger.engine.file;

/** O_* of open(2) on x86-64. */
public final class OpenFlags {
  public static final long ACCMODE = 3;
  public static final long RDONLY = 0;
  public static final long WRONLY = 1;
  public static final long RDWR = 2;
  public static final long CREAT = 0100;
  public static final long EXCL = 0200;
  public static final long NOCTTY = 0400;
  public static final long TRUNC = 01000;
  public static final long APPEND = 02000;
  public static final long NONBLOCK = 04000;
  public static final long ASYNC = 020000;
  public static final long DIRECT = 040000;
  public static final long LARGEFILE = 0100000;
  public static final long DIRECTORY = 0200000;
  public static final long NOFOLLOW = 0400000;
  public static final long NOATIME = 01000000;
  public static final long CLOEXEC = 02000000;
  public static final long SYNC = 04010000;
  public static final long PATH = 010000000;
  public static final long TMPFILE = 020000000;

  /** O_TMPFILE contains O_DIRECTORY in user space. */
  public static final long TMPFILE_DIRECTORY = TMPFILE | DIRECTORY;

  public static final long EMPTYPATH = 0400000000;

  /** Those that openat2(2) accepts (VALID_OPEN_FLAGS). */
  public static final long VALID =
      ACCMODE | CREAT | EXCL | NOCTTY | TRUNC | APPEND | NONBLOCK | SYNC | ASYNC | DIRECT
          | LARGEFILE | DIRECTORY | NOFOLLOW | NOATIME | CLOEXEC | PATH | TMPFILE;

  private OpenFlags() {}
}

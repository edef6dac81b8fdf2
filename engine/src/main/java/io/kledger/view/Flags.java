package io.kledger.view;

/** Numbers as the names that open(2) gives them. */
final class Flags {
  static final long O_ACCMODE = 03;
  static final long O_LARGEFILE = 0100000;
  static final long O_CLOEXEC = 02000000;

  /** In the order of their bits, O_CLOEXEC last. */
  private static final String[] OPEN_NAMES = {
    "O_CREAT",
    "O_EXCL",
    "O_NOCTTY",
    "O_TRUNC",
    "O_APPEND",
    "O_NONBLOCK",
    "O_SYNC",
    "O_DSYNC",
    "O_ASYNC",
    "O_DIRECT",
    "O_LARGEFILE",
    "O_TMPFILE",
    "O_DIRECTORY",
    "O_NOFOLLOW",
    "O_NOATIME",
    "O_PATH",
    "O_CLOEXEC"
  };

  private static final long[] OPEN_BITS = {
    0100, 0200, 0400, 01000, 02000, 04000, 04010000, 010000, 020000, 040000, 0100000, 020200000,
    0200000, 0400000, 01000000, 010000000, 02000000
  };

  private Flags() {}

  /** {@code O_RDWR|O_APPEND|O_CLOEXEC}: access mode first; bits without a name as octal. */
  static String open(long flags) {
    StringBuilder text =
        new StringBuilder(
            switch ((int) (flags & O_ACCMODE)) {
              case 0 -> "O_RDONLY";
              case 1 -> "O_WRONLY";
              case 2 -> "O_RDWR";
              default -> "O_ACCMODE";
            });
    long left = flags & ~O_ACCMODE;
    for (int i = 0; i < OPEN_BITS.length; i++) {
      if ((left & OPEN_BITS[i]) == OPEN_BITS[i]) {
        text.append('|').append(OPEN_NAMES[i]);
        left &= ~OPEN_BITS[i];
      }
    }
    return left == 0
        ? text.toString()
        : text.append("|0").append(Long.toOctalString(left)).toString();
  }
}

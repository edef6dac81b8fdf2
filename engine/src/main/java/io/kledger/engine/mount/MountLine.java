package io.kledger.engine.mount;

import io.kledger.event.Bytes;

/**
 * One line of /proc/PID/mountinfo, taken apart (proc_pid_mountinfo(5)).
 *
 * @param root path within the filesystem, unescaped
 * @param place mount point, unescaped
 * @param shared peer group, 0 if none
 * @param master peer group of the master, 0 if none
 */
record MountLine(
    int id,
    int parent,
    int major,
    int minor,
    Bytes root,
    Bytes place,
    long flags,
    boolean idmapped,
    int shared,
    int master,
    boolean unbindable,
    Bytes type,
    Bytes source,
    long superFlags,
    Bytes superOptions) {

  private static final String[] NAMES = {
    "ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime", "nosymfollow"
  };
  private static final long[] BITS = {
    MountFlags.RDONLY,
    MountFlags.NOSUID,
    MountFlags.NODEV,
    MountFlags.NOEXEC,
    MountFlags.NOATIME,
    MountFlags.NODIRATIME,
    MountFlags.RELATIME,
    MountFlags.NOSYMFOLLOW
  };

  /** Null if it is not a line of mountinfo. */
  static MountLine parse(Bytes line) {
    String[] fields = line.latin1().split(" ", -1);
    int dash = 6;
    while (dash < fields.length && !fields[dash].equals("-")) {
      dash++;
    }
    if (fields.length < 10
        || dash + 3 >= fields.length
        || fields[2].indexOf(':') < 0
        || fields[0].startsWith("-")
        || fields[1].startsWith("-")) {
      return null;
    }
    try {
      int colon = fields[2].indexOf(':');
      return new MountLine(
          Integer.parseInt(fields[0]),
          Integer.parseInt(fields[1]),
          Integer.parseInt(fields[2].substring(0, colon)),
          Integer.parseInt(fields[2].substring(colon + 1)),
          unescape(fields[3]),
          unescape(fields[4]),
          flags(fields[5]),
          ("," + fields[5] + ",").contains(",idmapped,"),
          tag(fields, dash, "shared:"),
          tag(fields, dash, "master:"),
          tag(fields, dash, "unbindable") == 0,
          unescape(fields[dash + 1]),
          unescape(fields[dash + 2]),
          superFlags(fields[dash + 3]),
          superOptions(fields[dash + 3]));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static long flags(String text) {
    long flags = 0;
    for (String word : text.split(",")) {
      for (int i = 0; i < NAMES.length; i++) {
        if (NAMES[i].equals(word)) {
          flags |= BITS[i];
        }
      }
    }
    return flags;
  }

  /** Number after a tag; 0 if the tag is not there, for a bare word -1. */
  private static int tag(String[] fields, int dash, String name) {
    for (int i = 6; i < dash; i++) {
      if (name.endsWith(":") && fields[i].startsWith(name)) {
        return Integer.parseInt(fields[i].substring(name.length()));
      }
      if (fields[i].equals(name)) {
        return 0;
      }
    }
    return name.endsWith(":") ? 0 : -1;
  }

  private static long superFlags(String text) {
    long flags = 0;
    for (String word : text.split(",")) {
      flags |=
          switch (word) {
            case "ro" -> MountFlags.RDONLY;
            case "sync" -> MountFlags.SYNCHRONOUS;
            case "dirsync" -> MountFlags.DIRSYNC;
            case "mand" -> MountFlags.MANDLOCK;
            case "lazytime" -> MountFlags.LAZYTIME;
            default -> 0;
          };
    }
    return flags;
  }

  /** What follows ro or rw and the flags of the superblock. */
  private static Bytes superOptions(String text) {
    String rest = text;
    for (String word : new String[] {"rw", "ro", "sync", "dirsync", "mand", "lazytime"}) {
      if (rest.equals(word)) {
        return Bytes.EMPTY;
      }
      if (rest.startsWith(word + ",")) {
        rest = rest.substring(word.length() + 1);
      }
    }
    return latin1(rest);
  }

  /** Undoes mangle_path(): \040, \011, \012, \134, \043. */
  static Bytes unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return latin1(text);
    }
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\'
          && i + 3 < text.length()
          && text.substring(i + 1, i + 4).matches("[0-3][0-7]{2}")) {
        plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        plain.append(c);
      }
    }
    return latin1(plain.toString());
  }

  private static Bytes latin1(String text) {
    return Bytes.wrap(text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
  }
}

package io.kledger.log.local;

import io.kledger.event.MachineId;
import io.kledger.log.LogException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The files of one machine's log.
 *
 * @param directory where they are
 * @param machine whose log it is
 */
record MachineFiles(Path directory, MachineId machine) {

  private static final String SEGMENT = ".log";
  private static final String INDEX = ".idx";
  private static final int DIGITS = 19;

  Path segment(long base) {
    return directory.resolve(name(base, SEGMENT));
  }

  Path index(long base) {
    return directory.resolve(name(base, INDEX));
  }

  Path end() {
    return directory.resolve("end");
  }

  Path lock() {
    return directory.resolve("lock");
  }

  /** A name for what is cut from a segment, one that is not taken. */
  Path torn(long base, long offset) {
    for (int i = 0; ; i++) {
      var path = directory.resolve(name(base, "." + offset + (i == 0 ? "" : "-" + i) + ".torn"));
      if (!Files.exists(path)) {
        return path;
      }
    }
  }

  /** The base positions of the segments, ascending; none if there is no such machine. */
  long[] segments() {
    var names = directory.toFile().list();
    if (names == null) {
      if (Files.isDirectory(directory)) {
        throw new LogException.Failed("cannot list " + directory + ": no permission?", null);
      }
      return new long[0];
    }
    return Arrays.stream(names)
        .filter(MachineFiles::isSegment)
        .mapToLong(name -> Long.parseLong(name.substring(0, DIGITS)))
        .sorted()
        .toArray();
  }

  /**
   * The segment that has a position, by index into {@code segments}; -1 if it is before the first.
   */
  static int floor(long[] segments, long position) {
    int found = Arrays.binarySearch(segments, position);
    return found >= 0 ? found : -found - 2;
  }

  /** Creates the directory. */
  void create() throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
      Disk.syncDirectory(directory.getParent());
    }
  }

  private static boolean isSegment(String name) {
    return name.length() == DIGITS + SEGMENT.length()
        && name.endsWith(SEGMENT)
        && name.chars().limit(DIGITS).allMatch(c -> c >= '0' && c <= '9');
  }

  private static String name(long base, String suffix) {
    var digits = Long.toString(base);
    return "0".repeat(DIGITS - digits.length()) + digits + suffix;
  }
}

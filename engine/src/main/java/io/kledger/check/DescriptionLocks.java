package io.kledger.check;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.lock.FileLock;
import io.kledger.view.Locks;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code lock:} lines of /proc/PID/fdinfo (show_fd_locks() of fs/locks.c) for the locks that an
 * open file description owns: FLOCK, OFDLCK and LEASE. Which file is meant is the descriptor's
 * business, so the number of the inode is left out.
 */
final class DescriptionLocks {
  private DescriptionLocks() {}

  /** The lines of the granted locks of a description, sorted. */
  static List<String> of(KernelState state, OpenFileDescription file) {
    List<String> lines = new ArrayList<>();
    for (long key : state.locksByOwner.keys(file.key())) {
      FileLock lock = state.locks.get(key);
      if (!lock.waiting() && lock.type() != FileLock.Type.POSIX) {
        lines.add(
            "%s %s %d %d %s"
                .formatted(
                    kind(lock),
                    lock.mode() == FileLock.Mode.DOWNGRADE ? FileLock.Mode.READ : lock.mode(),
                    // A taker whose number is not in use any more has none to show.
                    Locks.visible(state, lock) ? lock.pid() : 0,
                    lock.start(),
                    lock.end() == FileLock.EOF ? "EOF" : Long.toString(lock.end())));
      }
    }
    return lines.stream().sorted().toList();
  }

  private static String kind(FileLock lock) {
    boolean breaking = lock.mode() == FileLock.Mode.UNLCK || lock.mode() == FileLock.Mode.DOWNGRADE;
    return lock.type()
        + (lock.type() != FileLock.Type.LEASE ? " ADVISORY" : breaking ? " BREAKING" : " ACTIVE");
  }

  /** A line of fdinfo without ordinal and file: {@code FLOCK ADVISORY READ 5 0 EOF}. */
  static String withoutFile(String line) {
    String[] words = line.strip().split(" +");
    if (words.length < 8) {
      return line;
    }
    return String.join(" ", words[1], words[2], words[3], words[4], words[6], words[7]);
  }

  /** Those of the lines that an open file description owns, sorted. */
  static List<String> ofDescription(List<String> lines) {
    return lines.stream().filter(line -> !line.startsWith("POSIX ")).sorted().toList();
  }
}

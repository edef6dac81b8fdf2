package io.kledger.check;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * A task in the terms in which it is compared. Both the recording's observation and the engine's
 * rows are turned into one.
 *
 * @param namespaces name of the link, and the inode number as text; "0" unknown
 * @param cgroup path; null if unknown
 * @param details further facts by name (umask, root, capabilities ...); one that a side does not
 *     know is not there, and not compared
 * @param fds number to descriptor
 * @param ending it has begun to exit, or is a zombie
 */
record TaskLines(
    int tid,
    int tgid,
    int ppid,
    String comm,
    boolean zombie,
    List<Long> uids,
    List<Long> gids,
    List<Long> numbers,
    List<Long> processGroup,
    List<Long> session,
    Map<String, String> namespaces,
    String cgroup,
    String cwd,
    SortedMap<String, String> details,
    SortedMap<Integer, Descriptor> fds,
    boolean inferred,
    boolean ending) {
  /**
   * One slot.
   *
   * @param target of the link
   * @param flags of fdinfo; -1 unknown
   * @param mount id of the mount it was opened through; 0 unknown
   * @param position of fdinfo; -1 unknown, or of no meaning for this kind of file
   * @param locks locks that belong to the open file description, as {@code fdinfo} lists them,
   *     without their ordinals and files, sorted; POSIX locks belong to the process and are not
   *     among them
   */
  record Descriptor(String target, long flags, long mount, long position, List<String> locks) {
    /** A descriptor of which fdinfo told no more than the flags. */
    Descriptor(String target, long flags) {
      this(target, flags, 0, -1, List.of());
    }
  }
}

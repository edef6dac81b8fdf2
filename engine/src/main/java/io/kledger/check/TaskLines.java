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
 * @param fds number to descriptor
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
    SortedMap<Integer, Descriptor> fds,
    boolean inferred) {
  /** Target of the link, and the flags of fdinfo (-1 unknown). */
  record Descriptor(String target, long flags) {}
}

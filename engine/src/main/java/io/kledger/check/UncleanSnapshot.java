package io.kledger.check;

import io.kledger.ingest.recording.SnapshotFiles;
import java.util.List;
import java.util.TreeSet;

/**
 * A snapshot that was taken while calls had returned in the kernel without being printed. It may
 * agree with the state a few lines later, when they are printed.
 */
final class UncleanSnapshot {
  private static final int LINES = 64;

  private final SnapshotFiles snapshot;
  private final List<SnapshotChecker.View> views;
  private final TreeSet<Integer> pending;

  UncleanSnapshot(SnapshotFiles snapshot, List<SnapshotChecker.View> views) {
    this(snapshot, views, tids(snapshot));
  }

  private UncleanSnapshot(
      SnapshotFiles snapshot, List<SnapshotChecker.View> views, TreeSet<Integer> pending) {
    this.snapshot = snapshot;
    this.views = List.copyOf(views);
    this.pending = pending;
  }

  private static TreeSet<Integer> tids(SnapshotFiles snapshot) {
    TreeSet<Integer> tids = new TreeSet<>();
    for (String key : List.of("pending", "busy")) {
      for (String word : snapshot.position().getOrDefault(key, "-").split("[ ,]+")) {
        int colon = word.indexOf(':');
        String number = colon < 0 ? word : word.substring(0, colon);
        if (!number.isEmpty() && number.chars().allMatch(Character::isDigit)) {
          tids.add(Integer.parseInt(number));
        }
      }
    }
    return tids;
  }

  SnapshotFiles snapshot() {
    return snapshot;
  }

  /** The views that differ so far. */
  List<SnapshotChecker.View> views() {
    return views;
  }

  UncleanSnapshot with(List<SnapshotChecker.View> still) {
    return new UncleanSnapshot(snapshot, still, pending);
  }

  /** A line of this task was printed. */
  void printed(int tid) {
    pending.remove(tid);
  }

  /** Whether a pending call is still to be printed soon. */
  boolean mayStillAgree(long line) {
    return !pending.isEmpty() && line <= snapshot.line() + LINES;
  }
}

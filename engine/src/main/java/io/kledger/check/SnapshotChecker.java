package io.kledger.check;

import io.kledger.event.avro.TaskObserved;
import io.kledger.ingest.proc.SnapshotReader;
import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import io.kledger.view.Locks;
import io.kledger.view.MountInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compares a state with snapshots of one recording, view by view. */
final class SnapshotChecker {
  private final KernelState state;
  private Renamings renamings = new Renamings();
  private long firstNamespace;
  private Place firstRoot = Place.UNKNOWN;

  SnapshotChecker(KernelState state) {
    this.state = state;
  }

  /** One thing to compare: a mountinfo file, `locks` or `tasks`. */
  record View(String kind, String file) {}

  /** The views of a snapshot. */
  static List<View> views(SnapshotFiles snapshot) {
    List<View> views = new ArrayList<>();
    for (String file : snapshot.files().keySet()) {
      if (file.equals("mountinfo") || file.startsWith("mountinfo.")) {
        views.add(new View("mountinfo", file));
      } else if (file.equals("locks") || file.equals("tasks")) {
        views.add(new View(file, file));
      }
    }
    return views;
  }

  /** The state is that of the first snapshot: a process outside the trace keeps this view of it. */
  void start(SnapshotFiles first) throws IOException {
    List<TaskObserved> tasks = SnapshotReader.tasks(first);
    Task task = tasks.isEmpty() ? null : state.task(tasks.getFirst().getTid());
    if (task != null) {
      FsStruct fs = state.fs.get(task.fs());
      firstNamespace = task.namespaces().mount();
      firstRoot = fs == null ? Place.UNKNOWN : fs.root();
    }
  }

  /** Ends the renamings of what has gone since the last snapshot. */
  void begin() {
    renamings.endDead(state);
  }

  /** Notes what the names stand for at this snapshot. */
  void end() {
    renamings.remember(state);
  }

  /** What differs in a view; if nothing does, its renamings hold from now on. */
  List<Finding> compare(SnapshotFiles snapshot, View view) throws IOException {
    Renamings tried = renamings.copy();
    List<Finding> findings = new ArrayList<>();
    long line = snapshot.line();
    switch (view.kind) {
      case "mountinfo" -> {
        String why =
            tried
                .mountComparison(state)
                .difference(lines(snapshot, view.file), mountinfo(view.file));
        add(findings, line, view.kind, why == null ? null : view.file + " " + why);
      }
      case "locks" ->
          add(
              findings,
              line,
              view.kind,
              tried
                  .lockComparison()
                  .difference(
                      lines(snapshot, view.file),
                      Locks.identified(state, new RecordedInodes(state, snapshot)::number)));
      default -> {
        List<TaskLines> expected =
            SnapshotReader.tasks(snapshot).stream().map(StateLines::expected).toList();
        for (String why : tried.taskComparison().differences(expected, StateLines.actual(state))) {
          int colon = why.indexOf(':');
          add(findings, line, why.substring(0, colon), why.substring(colon + 2));
        }
      }
    }
    if (findings.isEmpty()) {
      renamings = tried;
    }
    return findings;
  }

  private static void add(List<Finding> findings, long line, String kind, String text) {
    if (text != null) {
      findings.add(new Finding(line, kind, "", "", text));
    }
  }

  /** The engine's text of a mountinfo file of the recording. */
  List<String> mountinfo(String file) {
    if (file.equals("mountinfo")) {
      return MountInfo.lines(state, firstNamespace, firstRoot);
    }
    Task task = state.task(Integer.parseInt(file.substring("mountinfo.".length())));
    FsStruct fs = task == null ? null : state.fs.get(task.fs());
    return fs == null ? List.of() : MountInfo.lines(state, task.namespaces().mount(), fs.root());
  }

  /** Which mountinfo file has the view of which task, as the recording says. */
  static Map<Integer, String> mountFiles(SnapshotFiles snapshot) {
    Map<Integer, String> files = new LinkedHashMap<>();
    int tid = 0;
    for (String line : lines(snapshot, "tasks")) {
      if (line.startsWith("task ")) {
        tid = Integer.parseInt(line.substring(5));
      } else if (line.startsWith("mountinfo\t")) {
        files.put(tid, line.substring(10));
      }
    }
    return files;
  }

  private static List<String> lines(SnapshotFiles snapshot, String file) {
    byte[] bytes = snapshot.files().get(file);
    List<String> lines = new ArrayList<>();
    for (String line :
        new String(bytes == null ? new byte[0] : bytes, StandardCharsets.ISO_8859_1).split("\n")) {
      if (!line.isEmpty()) {
        lines.add(line);
      }
    }
    return lines;
  }
}

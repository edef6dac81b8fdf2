package io.kledger.check;

import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.view.Locks;
import io.kledger.view.Tasks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes what the engine holds at each snapshot in the layout of the recordings. */
final class Dump {
  private final Path directory;
  private final KernelState state;
  private final SnapshotChecker checker;

  Dump(Path directory, String name, KernelState state, SnapshotChecker checker) {
    this.directory = directory.resolve(name).resolve("snapshots");
    this.state = state;
    this.checker = checker;
  }

  /** Writes the files that the recording has at this snapshot, as the engine has them. */
  void write(SnapshotFiles snapshot) throws IOException {
    Path folder = directory.resolve("%04d".formatted(snapshot.number()));
    Files.createDirectories(folder);
    for (SnapshotChecker.View view : SnapshotChecker.views(snapshot)) {
      List<String> lines =
          switch (view.kind()) {
            case "mountinfo" -> checker.mountinfo(view.file());
            case "locks" -> Locks.proc(state, new RecordedInodes(state, snapshot)::number);
            default -> tasks(SnapshotChecker.mountFiles(snapshot));
          };
      StringBuilder text = new StringBuilder();
      lines.forEach(line -> text.append(line).append('\n'));
      Files.write(
          folder.resolve(view.file()), text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }
    Files.write(folder.resolve("position"), snapshot.files().get("position"));
  }

  private List<String> tasks(Map<Integer, String> mountFiles) {
    List<String> lines = new ArrayList<>();
    for (Task task : Tasks.all(state)) {
      if (task.inferred() && !mountFiles.containsKey(task.tid())) {
        continue;
      }
      if (!lines.isEmpty()) {
        lines.add("");
      }
      stanza(lines, task, mountFiles.get(task.tid()));
    }
    return lines;
  }

  private void stanza(List<String> lines, Task task, String mountFile) {
    TaskLines values = StateLines.actual(state, task, n -> n.inode() == 0 ? n.key() : n.inode());
    lines.add("task " + task.tid());
    status(lines, "Name", values.comm());
    status(lines, "State", task.state() == TaskState.ZOMBIE ? "Z (zombie)" : "S (sleeping)");
    status(lines, "Tgid", values.tgid());
    status(lines, "Pid", task.tid());
    status(lines, "PPid", values.ppid());
    status(lines, "Uid", words(values.uids()));
    status(lines, "Gid", words(values.gids()));
    status(lines, "Groups", words(task.credentials().groups()));
    status(lines, "NSpid", words(values.numbers()));
    status(lines, "NSpgid", words(values.processGroup()));
    status(lines, "NSsid", words(values.session()));
    if (task.state() == TaskState.ZOMBIE) {
      return;
    }
    lines.add("cwd\t" + escaped(values.cwd()));
    values
        .namespaces()
        .forEach(
            (name, inode) ->
                lines.add(
                    "ns " + name + "\t" + name.replace("_for_children", "") + ":[" + inode + "]"));
    lines.add("cgroup 0::" + escaped(values.cgroup()));
    if (mountFile != null) {
      lines.add("mountinfo\t" + mountFile);
    }
    values
        .fds()
        .forEach(
            (number, fd) -> {
              lines.add("fd " + number + "\t" + escaped(fd.target()));
              lines.add("fdinfo " + number + "\tflags: 0" + Long.toOctalString(fd.flags()));
            });
  }

  private static void status(List<String> lines, String name, Object value) {
    lines.add("status " + name + "\t" + escaped(value.toString()));
  }

  private static String words(List<?> values) {
    return String.join(" ", values.stream().map(Object::toString).toList());
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\134").replace("\n", "\\012");
  }
}

package io.kledger.check;

import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;
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
    detail(lines, "Umask", values, "umask");
    status(lines, "State", task.state() == TaskState.ZOMBIE ? "Z (zombie)" : "S (sleeping)");
    status(lines, "Tgid", values.tgid());
    status(lines, "Pid", task.tid());
    status(lines, "PPid", values.ppid());
    status(lines, "Uid", words(values.uids()));
    status(lines, "Gid", words(values.gids()));
    status(lines, "Groups", words(task.credentials().groups()));
    status(lines, "NStgid", words(processNumbers(task)));
    status(lines, "NSpid", words(values.numbers()));
    status(lines, "NSpgid", words(values.processGroup()));
    status(lines, "NSsid", words(values.session()));
    if (task.state() == TaskState.ZOMBIE) {
      return;
    }
    detail(lines, "CapInh", values, "cap-inheritable");
    detail(lines, "CapPrm", values, "cap-permitted");
    detail(lines, "CapEff", values, "cap-effective");
    detail(lines, "CapBnd", values, "cap-bounding");
    detail(lines, "CapAmb", values, "cap-ambient");
    if (task.credentials().known()) {
      status(lines, "NoNewPrivs", task.credentials().noNewPrivs() ? 1 : 0);
    }
    FsStruct fs = state.fs.get(task.fs());
    place(lines, "cwd", values.cwd(), fs == null ? Place.UNKNOWN : fs.cwd());
    place(lines, "root", values.details().get("root"), fs == null ? Place.UNKNOWN : fs.root());
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
              fdinfo(lines, number, fd);
            });
  }

  private static void fdinfo(List<String> lines, int number, TaskLines.Descriptor fd) {
    String key = "fdinfo " + number + "\t";
    if (fd.position() >= 0) {
      lines.add(key + "pos: " + fd.position());
    }
    lines.add(key + "flags: 0" + Long.toOctalString(fd.flags()));
    if (fd.mount() != 0) {
      lines.add(key + "mnt_id: " + fd.mount());
    }
  }

  /** Numbers of its process in each pid namespace: those of its leader. */
  private List<Integer> processNumbers(Task task) {
    ThreadGroup group = state.groups.get(task.group());
    Task leader = group == null ? null : state.tasks.get(group.leader());
    return Tasks.numbers(state, leader == null ? task : leader);
  }

  private void place(List<String> lines, String name, String path, Place place) {
    if (path == null) {
      return;
    }
    lines.add(name + "\t" + escaped(path));
    Mount mount = state.mounts.get(place.mount());
    Dentry dentry = state.dentries.get(place.dentry());
    Superblock superblock = dentry == null ? null : state.superblocks.get(dentry.superblock());
    Inode inode = dentry == null ? null : state.inodes.get(dentry.inode());
    if (mount != null && superblock != null && inode != null && inode.number() != 0) {
      lines.add(
          "%s-id\tdev=%d:%d ino=%d mnt=%d"
              .formatted(name, superblock.major(), superblock.minor(), inode.number(), mount.id()));
    }
  }

  private static void detail(List<String> lines, String name, TaskLines values, String detail) {
    String value = values.details().get(detail);
    if (value != null) {
      status(lines, name, value);
    }
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

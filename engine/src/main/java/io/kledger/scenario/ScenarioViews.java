package io.kledger.scenario;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.Task;
import io.kledger.view.BlobsView;
import io.kledger.view.BlockDevicesView;
import io.kledger.view.Cgroups;
import io.kledger.view.Fds;
import io.kledger.view.FileViews;
import io.kledger.view.Locks;
import io.kledger.view.MountInfo;
import io.kledger.view.Namespaces;
import io.kledger.view.OverlayView;
import io.kledger.view.Sockets;
import io.kledger.view.StatMount;
import io.kledger.view.Tasks;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The views that a scenario can ask for. */
final class ScenarioViews {
  private final KernelState state;

  ScenarioViews(KernelState state) {
    this.state = state;
  }

  /** A view that cannot be shown: why. */
  static final class NoView extends Exception {
    private static final long serialVersionUID = 1L;

    NoView(String problem) {
      super(problem);
    }
  }

  /** The lines of a view. */
  List<String> lines(Statement.View view) throws NoView {
    Words words = view.words();
    return switch (view.name()) {
      case "mountinfo" -> mountinfo(words);
      case "locks" -> Locks.proc(state);
      case "lslocks" -> Locks.lslocks(state);
      case "cgroup" -> Cgroups.proc(state, task(words), reader());
      case "cgroups" ->
          Cgroups.text(state, words.words().isEmpty() ? null : words.words().getFirst());
      case "cgroup-file" -> cgroupFile(words);
      case "fds" -> Fds.text(state, task(words));
      case "status" -> status(words);
      case "stat" -> FileViews.stat(state, task(words), path(words));
      case "ls" -> FileViews.ls(state, task(words), path(words));
      case "xattrs" -> FileViews.xattrs(state, task(words), path(words));
      case "statmount" -> statmount(words);
      case "blobs" -> BlobsView.lines(state);
      case "blockdevs" ->
          BlockDevicesView.lines(
              state, words.get("dev") == null ? null : words.get("dev").latin1());
      case "overlay" -> overlay(words);
      case "sockets" ->
          words.get("pid") == null ? Sockets.all(state) : Sockets.text(state, task(words));
      case "namespaces" -> Namespaces.text(state);
      default -> throw new NoView("not yet: the view " + view.name());
    };
  }

  private List<String> overlay(Words words) throws NoView {
    String point = path(words).latin1();
    Task task = task(words);
    long found = 0;
    for (long key : state.mountsByNamespace.keys(task.namespaces().mount())) {
      var mount = state.mounts.require(key);
      String at = PathText.fromTop(state, new Place(key, mount.root())).latin1();
      found = at.equals(point) ? mount.superblock() : found;
    }
    return OverlayView.lines(state, found);
  }

  private List<String> cgroupFile(Words words) throws NoView {
    List<String> lines = Cgroups.file(state, words.words().get(0), words.words().get(1).toString());
    if (lines == null) {
      throw new NoView("not yet: this file of a cgroup");
    }
    return lines;
  }

  private List<String> mountinfo(Words words) throws NoView {
    String extension = words.get("ext") == null ? "" : words.text("ext");
    if (!extension.isEmpty() && !extension.equals("owner")) {
      throw new NoView("mountinfo has no ext=" + extension);
    }
    Task reader = task(words);
    List<String> kernel =
        extension.isEmpty() ? MountInfo.lines(state, reader) : MountInfo.extended(state, reader);
    List<String> lines = kernel.stream().map(ScenarioViews::utf8).toList();
    String under = words.get("under") == null ? null : words.get("under").latin1();
    if (under == null || under.equals("/")) {
      return lines;
    }
    return lines.stream()
        .filter(
            line -> {
              String point = line.split(" ")[4];
              return point.equals(under) || point.startsWith(under + "/");
            })
        .toList();
  }

  private List<String> statmount(Words words) throws NoView {
    String keys = words.get("keys") == null ? null : words.get("keys").latin1();
    return StatMount.lines(
        state, task(words), path(words), keys == null ? List.of() : List.of(keys.split(",")));
  }

  /** Text with one char a byte, as a scenario's file holds it. */
  private static String utf8(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** A task that was reaped has no status. */
  private List<String> status(Words words) throws NoView {
    return state.task(tid(words)) == null ? List.of() : Tasks.status(state, task(words));
  }

  private static Bytes path(Words words) throws NoView {
    Bytes path = words.get("path");
    if (path == null) {
      throw new NoView("the view needs path=");
    }
    return path;
  }

  private Task reader() throws NoView {
    Task init = state.task(1);
    if (init == null) {
      throw new NoView("there is no task 1");
    }
    return init;
  }

  private static int tid(Words words) throws NoView {
    String pid = words.text("pid");
    try {
      return pid == null ? 1 : Integer.parseInt(pid);
    } catch (NumberFormatException e) {
      throw new NoView("pid=" + pid + " is no number");
    }
  }

  private Task task(Words words) throws NoView {
    Task task = state.task(tid(words));
    if (task == null) {
      throw new NoView("there is no task " + tid(words));
    }
    return task;
  }
}

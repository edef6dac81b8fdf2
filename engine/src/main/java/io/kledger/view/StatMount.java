package io.kledger.view;

import io.kledger.engine.mount.MountStat;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What statmount(2) tells of the mount at a path, and what the ledger knows besides. */
public final class StatMount {
  private StatMount() {}

  /**
   * Lines `key: value`; {@code keys} empty for all. A value that the kernel leaves unset has no
   * line.
   */
  public static List<String> lines(KernelState state, Task task, Bytes path, List<String> keys) {
    Place place = FileViews.resolve(state, task, path);
    Mount mount = place == null ? null : state.mounts.get(place.mount());
    FsStruct fs = state.fs.get(task.fs());
    List<String> lines = new ArrayList<>();
    if (mount == null || fs == null) {
      return lines;
    }
    for (Map.Entry<String, List<String>> field :
        MountStat.of(state, mount, task, fs.root()).entrySet()) {
      if (keys.isEmpty() || keys.contains(field.getKey())) {
        field.getValue().forEach(value -> lines.add(field.getKey() + ": " + value));
      }
    }
    return lines;
  }
}

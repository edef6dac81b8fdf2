package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;
import java.util.ArrayList;
import java.util.List;

/** The notifications of mounts. Detached trees are nobody's news. */
final class MountNotes {
  private MountNotes() {}

  static void before(Notes notes, MountChange change, KernelState state) {
    switch (change) {
      case MountChange.Detached detached -> add(notes, "mount.detach", state, detached.before());
      case MountChange.Unmounted gone -> add(notes, "mount.detach", state, gone.before());
      case MountChange.SuperblockChanged changed -> {}
      case MountChange.Attached attached -> {}
      case MountChange.Created created -> {}
      case MountChange.Moved moved -> {}
      case MountChange.Reparented moved -> {}
      case MountChange.AttributesChanged changed -> {}
      case MountChange.PropagationChanged changed -> {}
      case MountChange.LockChanged changed -> {}
      case MountChange.Changed changed -> {}
      case MountChange.SuperblockCreated created -> {}
      case MountChange.SuperblockReleased released -> {}
    }
  }

  static void after(Notes notes, MountChange change, KernelState state) {
    switch (change) {
      case MountChange.Attached attached -> add(notes, "mount.attach", state, attached.after());
      case MountChange.Moved moved -> add(notes, "mount.move", state, moved.after());
      case MountChange.Reparented moved -> add(notes, "mount.reparent", state, moved.after());
      case MountChange.AttributesChanged changed ->
          add(notes, "mount.attr", state, changed.after());
      case MountChange.PropagationChanged changed ->
          add(notes, "mount.propagation", state, changed.after());
      case MountChange.LockChanged changed -> add(notes, "mount.lock", state, changed.after());
      case MountChange.SuperblockChanged changed ->
          notes.add(
              new Note.Builder("sb.reconfigure")
                  .key("dev", changed.after().major() + ":" + changed.after().minor()));
      case MountChange.Detached detached -> {}
      case MountChange.Unmounted gone -> {}
      case MountChange.Created created -> {}
      case MountChange.Changed changed -> {}
      case MountChange.SuperblockCreated created -> {}
      case MountChange.SuperblockReleased released -> {}
    }
  }

  private static void add(Notes notes, String type, KernelState state, Mount mount) {
    Namespace namespace = state.namespaces.get(mount.namespace());
    if (mount.namespace() == 0 || namespace != null && namespace.anonymous()) {
      return;
    }
    List<String> pids = new ArrayList<>();
    for (long key : state.tasksByMountNs.keys(mount.namespace())) {
      pids.add(Integer.toString(state.tasks.get(key).tid()));
    }
    Place top = new Place(mount.key(), mount.root());
    notes.add(
        new Note.Builder(type)
            .mount(mount.uniqueId())
            .key("path", PathText.names(state, top, Place.UNKNOWN).latin1())
            .key("id", mount.id())
            .key("ns", namespace == null || namespace.inode() == 0 ? null : namespace.inode())
            .key("pid", pids));
  }
}

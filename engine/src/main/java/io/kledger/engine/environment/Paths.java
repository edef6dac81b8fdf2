package io.kledger.engine.environment;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Dcache;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;

/** Names that a directive declares, on the filesystem that task 1 sees there. */
final class Paths {
  private Paths() {}

  /** The root of task 1. */
  static Place root(CallContext context) {
    Task init = context.state().tasksByTid.first(1);
    FsStruct fs = init == null ? null : context.state().fs.get(init.fs());
    return fs == null ? Place.UNKNOWN : fs.root();
  }

  /** Makes what is missing: directories on the way, and at the end what {@code spec} says. */
  static Place make(CallContext context, Place root, Bytes path, Dcache.Spec spec) {
    Place at = root;
    int from = 0;
    while (from < path.length()) {
      int slash = path.indexOf('/', from);
      int end = slash < 0 ? path.length() : slash;
      if (end > from) {
        boolean last = lastName(path, end);
        at = step(context, at, path.slice(from, end), last ? spec : directory());
      }
      from = end + 1;
    }
    return at;
  }

  /** The place of a path that exists; {@link Place#UNKNOWN} if it does not. */
  static Place find(CallContext context, Place root, Bytes path) {
    KernelState state = context.state();
    Place at = root;
    int from = 0;
    while (from < path.length()) {
      int slash = path.indexOf('/', from);
      int end = slash < 0 ? path.length() : slash;
      if (end > from) {
        Dentry child = state.child(at.dentry(), path.slice(from, end));
        if (child == null || child.inode() == 0) {
          return Place.UNKNOWN;
        }
        at = cross(state, new Place(at.mount(), child.key()));
      }
      from = end + 1;
    }
    return at;
  }

  private static boolean lastName(Bytes path, int end) {
    for (int i = end; i < path.length(); i++) {
      if (path.at(i) != '/') {
        return false;
      }
    }
    return true;
  }

  private static Dcache.Spec directory() {
    return Dcache.Spec.of(Inode.S_IFDIR | 0755, 0, 0);
  }

  private static Place step(CallContext context, Place at, Bytes name, Dcache.Spec spec) {
    KernelState state = context.state();
    Dentry child = state.child(at.dentry(), name);
    if (child == null || child.inode() == 0) {
      child = Dcache.createChild(context, at.dentry(), name, spec);
    }
    return cross(state, new Place(at.mount(), child.key()));
  }

  private static Place cross(KernelState state, Place place) {
    Place at = place;
    for (Mount on = state.mountAt(at.mount(), at.dentry());
        on != null;
        on = state.mountAt(at.mount(), at.dentry())) {
      at = new Place(on.key(), on.root());
    }
    return at;
  }
}

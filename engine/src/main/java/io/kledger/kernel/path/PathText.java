package io.kledger.kernel.path;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import java.util.ArrayList;
import java.util.List;

/** Paths as the kernel prints them (fs/d_path.c). */
public final class PathText {
  private static final Bytes SLASH = Bytes.of("/");
  private static final Bytes DELETED = Bytes.of(" (deleted)");
  private static final Bytes UNREACHABLE = Bytes.of("(unreachable)");

  private static final Bytes CGROUP2 = Bytes.of("cgroup2");

  /** No path has as many mounts and names: beyond, the rows must form a circle. */
  private static final int DEEPEST = 1 << 16;

  private PathText() {}

  /**
   * d_path(): the path as a task with this root sees it, ` (deleted)` appended if the name is gone.
   * A place that the root does not contain is printed from the top of its mount tree.
   */
  public static Bytes of(KernelState state, Place place, Place root) {
    Bytes path = new Climb(state, place, root).text();
    return unlinked(state, place) ? path.plus(DELETED) : path;
  }

  /** __d_path(): the same, never with ` (deleted)`. */
  public static Bytes names(KernelState state, Place place, Place root) {
    return new Climb(state, place, root).text();
  }

  /** The same from the top of the mount tree, as a tracer outside sees it. */
  public static Bytes fromTop(KernelState state, Place place) {
    return of(state, place, Place.UNKNOWN);
  }

  /** As getcwd(2) prints it: `(unreachable)` in front of what the root does not contain. */
  public static Bytes cwd(KernelState state, Place place, Place root) {
    Climb climb = new Climb(state, place, root);
    return climb.reached ? climb.text() : UNREACHABLE.plus(climb.text());
  }

  /** Whether the place is at or below the root. */
  public static boolean reachable(KernelState state, Place place, Place root) {
    return new Climb(state, place, root).reached;
  }

  /** The path of a dentry within its filesystem, `//deleted` appended if the name is gone. */
  public static Bytes inFilesystem(KernelState state, long dentry) {
    List<Bytes> names = new ArrayList<>();
    Dentry at = state.dentries.get(dentry);
    boolean gone = at != null && at.deleted();
    while (at != null && at.parent() != 0) {
      names.add(at.name());
      at = state.dentries.get(at.parent());
    }
    Bytes path = join(names);
    return gone ? path.plus(Bytes.of("//deleted")) : path;
  }

  /** d_unlinked(). */
  public static boolean unlinked(KernelState state, Place place) {
    Dentry dentry = state.dentries.get(place.dentry());
    return dentry != null && dentry.deleted() && !leftBehind(state, dentry);
  }

  /** A file of a cgroup that was removed: kernfs leaves the names in the directory alone. */
  private static boolean leftBehind(KernelState state, Dentry dentry) {
    Dentry directory = state.dentries.get(dentry.parent());
    Superblock superblock = state.superblocks.get(dentry.superblock());
    return directory != null
        && directory.deleted()
        && superblock != null
        && superblock.type().equals(CGROUP2);
  }

  private static Bytes join(List<Bytes> names) {
    if (names.isEmpty()) {
      return SLASH;
    }
    int length = 0;
    for (Bytes name : names) {
      length += name.length() + 1;
    }
    byte[] text = new byte[length];
    int at = 0;
    for (int i = names.size() - 1; i >= 0; i--) {
      text[at++] = '/';
      at = names.get(i).copyTo(text, at);
    }
    return Bytes.wrap(text);
  }

  /** prepend_path(): from a place up to the root, or to the top of its mount tree. */
  private static final class Climb {
    private final List<Bytes> names = new ArrayList<>();
    private boolean reached;

    Climb(KernelState state, Place place, Place root) {
      long mountKey = place.mount();
      long dentryKey = place.dentry();
      Mount mount = state.mounts.get(mountKey);
      for (int steps = 0; ; steps++) {
        if (steps > DEEPEST) {
          throw new IllegalStateException("mount " + place.mount() + " hangs in a circle");
        }
        if (mountKey == root.mount() && dentryKey == root.dentry()) {
          reached = true;
          return;
        }
        if (mount != null && dentryKey == mount.root()) {
          if (mount.parent() == 0) {
            return;
          }
          dentryKey = mount.mountpoint();
          mountKey = mount.parent();
          mount = state.mounts.get(mountKey);
          continue;
        }
        Dentry dentry = state.dentries.get(dentryKey);
        if (dentry == null || dentry.parent() == 0) {
          return;
        }
        names.add(dentry.name());
        dentryKey = dentry.parent();
      }
    }

    Bytes text() {
      return join(names);
    }
  }
}

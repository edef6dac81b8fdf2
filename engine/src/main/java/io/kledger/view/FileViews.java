package io.kledger.view;

import io.kledger.engine.file.Idmapped;
import io.kledger.engine.file.Overlay;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.xattr.Xattrs;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;

/**
 * Files by name as a task sees them: what stat(1) and ls(1) print. A symbolic link is not followed.
 */
public final class FileViews {
  private static final int MOST_LINKS = 40;

  private FileViews() {}

  /** Lines of the scenario view `stat`; empty if the ledger knows no such file. */
  public static List<String> stat(KernelState state, Task task, Bytes path) {
    Place place = resolve(state, task, path);
    Inode stored = inode(state, place);
    if (stored == null) {
      return List.of();
    }
    Inode inode = Idmapped.view(state, place.mount(), stored);
    long userNs = task.credentials().userNs();
    StringBuilder text = new StringBuilder();
    text.append("%s|%s".formatted(type(inode), bits(inode.mode() & 07777)));
    text.append(" nlink=").append(inode.nlink());
    text.append(" uid=")
        .append(Integer.toUnsignedString(IdMap.shown(state, userNs, inode.uid(), false)));
    text.append(" gid=")
        .append(Integer.toUnsignedString(IdMap.shown(state, userNs, inode.gid(), true)));
    text.append(" size=").append(size(inode)).append(" ino=").append(inode.number());
    int type = inode.mode() & Inode.S_IFMT;
    if (type == 0020000 || type == 0060000) {
      text.append(" rdev=").append(inode.rdevMajor()).append(':').append(inode.rdevMinor());
    }
    if (inode.symlink() && inode.target() != null) {
      text.append(" -> ").append(inode.target().latin1());
    }
    return List.of(text.toString());
  }

  /** Lines of the scenario view `ls`: the names in a directory, in byte order. */
  public static List<String> ls(KernelState state, Task task, Bytes path) {
    Place directory = resolve(state, task, path);
    TreeSet<Bytes> names = new TreeSet<>();
    if (directory != null) {
      for (long key : state.dentriesByParent.keys(directory.dentry())) {
        Dentry dentry = state.dentries.get(key);
        if (dentry.inode() != 0) {
          names.add(dentry.name());
        }
      }
      names.addAll(Overlay.names(state, directory.dentry()));
    }
    return names.stream().map(Bytes::latin1).toList();
  }

  /** Lines of the scenario view `xattrs`: {@code NAME="VALUE"}, in byte order. */
  public static List<String> xattrs(KernelState state, Task task, Bytes path) {
    Inode inode = ofDescriptor(state, path);
    if (inode == null) {
      inode = inode(state, resolve(state, task, path));
    }
    if (inode == null) {
      return List.of();
    }
    return Xattrs.all(state, inode.key()).stream()
        .map(row -> row.name().latin1() + "=\"" + row.value().latin1() + "\"")
        .toList();
  }

  /** The inode behind {@code /proc/T/fd/N}, or null. */
  private static Inode ofDescriptor(KernelState state, Bytes path) {
    java.util.regex.Matcher fd =
        java.util.regex.Pattern.compile("/proc/(\\d{1,9})/fd/(\\d{1,9})").matcher(path.latin1());
    if (!fd.matches()) {
      return null;
    }
    Task owner = state.task(Integer.parseInt(fd.group(1)));
    var slot = owner == null ? null : state.fd(owner.files(), Integer.parseInt(fd.group(2)));
    var file = slot == null ? null : state.descriptions.get(slot.description());
    return file == null ? null : state.inodes.get(file.inode());
  }

  private static String type(Inode inode) {
    return switch (inode.mode() & Inode.S_IFMT) {
      case 0010000 -> "S_IFIFO";
      case 0020000 -> "S_IFCHR";
      case 0040000 -> "S_IFDIR";
      case 0060000 -> "S_IFBLK";
      case 0100000 -> "S_IFREG";
      case 0120000 -> "S_IFLNK";
      case 0140000 -> "S_IFSOCK";
      default -> "0";
    };
  }

  private static Inode inode(KernelState state, Place place) {
    Dentry dentry = place == null ? null : state.dentries.get(place.dentry());
    return dentry == null ? null : state.inodes.get(dentry.inode());
  }

  /** Where a path leads from a task's root (or working directory), or null. */
  public static Place resolve(KernelState state, Task task, Bytes path) {
    FsStruct fs = state.fs.get(task.fs());
    if (fs == null) {
      return null;
    }
    Deque<Bytes> names = new ArrayDeque<>(split(path));
    Place at = absolute(path) ? fs.root() : fs.cwd();
    int links = 0;
    while (!names.isEmpty()) {
      Bytes name = names.pop();
      if (name.equals(Bytes.of(".."))) {
        at = parent(state, at, fs.root());
        continue;
      }
      Dentry child = state.child(at.dentry(), name);
      if (child == null || child.inode() == 0) {
        return null;
      }
      Inode inode = state.inodes.get(child.inode());
      if (inode != null && inode.symlink() && !names.isEmpty()) {
        if (++links > MOST_LINKS || inode.target() == null) {
          return null;
        }
        split(inode.target()).reversed().forEach(names::push);
        at = absolute(inode.target()) ? fs.root() : at;
        continue;
      }
      at = downwards(state, new Place(at.mount(), child.key()));
    }
    return at;
  }

  private static boolean absolute(Bytes path) {
    return !path.isEmpty() && path.at(0) == '/';
  }

  private static List<Bytes> split(Bytes path) {
    List<Bytes> names = new ArrayList<>();
    int from = 0;
    while (from <= path.length()) {
      int slash = path.indexOf('/', from);
      int to = slash < 0 ? path.length() : slash;
      Bytes name = path.slice(from, to);
      if (!name.isEmpty() && !name.equals(Bytes.of("."))) {
        names.add(name);
      }
      from = to + 1;
    }
    return names;
  }

  private static Place parent(KernelState state, Place at, Place root) {
    Place here = at;
    while (!here.equals(root)) {
      Mount mount = state.mounts.get(here.mount());
      if (mount != null && here.dentry() == mount.root()) {
        if (mount.parent() == 0) {
          return here;
        }
        here = new Place(mount.parent(), mount.mountpoint());
        continue;
      }
      Dentry dentry = state.dentries.get(here.dentry());
      return dentry == null || dentry.parent() == 0
          ? here
          : downwards(state, new Place(here.mount(), dentry.parent()));
    }
    return here;
  }

  /** follow_down(): the topmost mount on a place. */
  private static Place downwards(KernelState state, Place place) {
    Place at = place;
    for (Mount on = state.mountAt(at.mount(), at.dentry());
        on != null;
        on = state.mountAt(at.mount(), at.dentry())) {
      at = new Place(on.key(), on.root());
    }
    return at;
  }

  /** st_size: that of a pipe is 0, whatever is in it. */
  private static long size(Inode inode) {
    return (inode.mode() & Inode.S_IFMT) == Inode.S_IFIFO ? 0 : inode.size();
  }

  /** {@code 0644}, {@code 01777}, {@code 0000}. */
  private static String bits(int mode) {
    return mode > 0777 ? "0" + Integer.toOctalString(mode) : "0%03o".formatted(mode);
  }
}

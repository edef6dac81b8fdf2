package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.Lookup;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Proposed: the mount option {@code subdir=}, which the VFS takes before the filesystem's own. */
final class Subdir {
  private static final String KEY = "subdir";
  private static final int MOST_LINKS = 40;
  private static final int NAME_MAX = 255;

  private Subdir() {}

  /**
   * Mount data without the option.
   *
   * @param path the directory that was asked for; null if none
   * @param wrong whether it was given twice or empty
   */
  record Split(Bytes data, Bytes path, boolean wrong) {}

  /** Whether the kernel has the option. */
  static boolean known(CallContext context) {
    return context.profile().has(KernelFeature.SUBDIR_MOUNT);
  }

  /** Takes the option out of mount data. */
  static Split split(CallContext context, Bytes data) {
    if (data == null || !known(context) || data.latin1().indexOf(KEY) < 0) {
      return new Split(data, null, false);
    }
    List<String> rest = new ArrayList<>();
    Bytes path = null;
    boolean wrong = false;
    for (String option : data.latin1().split(",")) {
      boolean mine = option.equals(KEY) || option.startsWith(KEY + "=");
      if (!mine) {
        rest.add(option);
        continue;
      }
      Bytes value = Bytes.of(option.substring(Math.min(option.length(), KEY.length() + 1)));
      wrong |= path != null || value.isEmpty();
      path = value;
    }
    return new Split(Bytes.of(String.join(",", rest)), path, wrong);
  }

  /** The dentry that a path leads to within a filesystem, or minus an error number. */
  static long resolve(CallContext context, Superblock superblock, Bytes path) {
    KernelState state = context.state();
    Deque<Bytes> names = new ArrayDeque<>(names(path));
    long at = superblock.root();
    int links = 0;
    while (!names.isEmpty()) {
      Bytes name = names.pop();
      Dentry directory = state.dentries.require(at);
      Inode inode = state.inodes.get(directory.inode());
      int errno = searchable(context, inode, name);
      if (errno != 0) {
        return -errno;
      }
      if (name.latin1().equals("..")) {
        at = at == superblock.root() ? at : directory.parent();
        continue;
      }
      if (!(Lookup.of(context, at, name) instanceof Lookup.Present present)) {
        return -Errno.ENOENT;
      }
      Dentry child = present.dentry();
      Inode found = state.inodes.get(child.inode());
      if (found == null || !found.symlink()) {
        at = child.key();
        continue;
      }
      if (++links > MOST_LINKS) {
        return -Errno.ELOOP;
      }
      names(found.target()).reversed().forEach(names::push);
      boolean absolute = !found.target().isEmpty() && found.target().at(0) == '/';
      at = absolute ? superblock.root() : at;
    }
    return at;
  }

  private static int searchable(CallContext context, Inode directory, Bytes name) {
    if (directory != null && directory.typeKnown() && !directory.directory()) {
      return Errno.ENOTDIR;
    }
    boolean may =
        Access.allowed(context.state(), context.task().credentials(), directory, Access.EXEC);
    if (!may) {
      return Errno.EACCES;
    }
    return name.length() > NAME_MAX ? Errno.ENAMETOOLONG : 0;
  }

  private static List<Bytes> names(Bytes path) {
    List<Bytes> names = new ArrayList<>();
    int from = 0;
    while (from <= path.length()) {
      int slash = path.indexOf('/', from);
      int to = slash < 0 ? path.length() : slash;
      Bytes name = path.slice(from, to);
      if (!name.isEmpty() && !name.latin1().equals(".")) {
        names.add(name);
      }
      from = to + 1;
    }
    return names;
  }
}

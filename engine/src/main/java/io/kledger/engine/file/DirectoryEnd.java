package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.engine.watch.Events;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.FsStruct;

/**
 * When watchers hear of the end of a removed directory: not before it is in use no more, be it
 * open, somebody's current directory, or the place of a deleted file that is still open
 * (dentry_kill() goes on to the parent).
 */
public final class DirectoryEnd {
  private DirectoryEnd() {}

  /** A directory was removed. */
  public static void unused(CallContext context, long dentry) {
    KernelState state = context.state();
    Dentry directory = state.watches.size() == 0 ? null : state.dentries.get(dentry);
    Inode inode = directory == null ? null : state.inodes.get(directory.inode());
    boolean gone = inode != null && inode.directory() && inode.nlink() == 0 && directory.deleted();
    if (gone
        && state.watchesByInode.count(inode.key()) > 0
        && state.descriptionsByInode.count(inode.key()) == 0
        && !pinned(state, dentry)) {
      Events.of(context).destroyed(inode.key());
    }
  }

  /** The last reference to a description of this name went. */
  static void released(CallContext context, long dentry) {
    KernelState state = context.state();
    Dentry name = state.watches.size() == 0 ? null : state.dentries.get(dentry);
    if (name != null && name.deleted()) {
      unused(context, dentry);
      unused(context, name.parent());
    }
  }

  private static boolean pinned(KernelState state, long dentry) {
    for (OpenFileDescription file : state.descriptions.rows()) {
      Dentry name = state.dentries.get(file.place().dentry());
      if (name != null && name.parent() == dentry) {
        return true;
      }
    }
    for (FsStruct fs : state.fs.rows()) {
      boolean inside = fs.cwd().dentry() == dentry || fs.root().dentry() == dentry;
      if (inside && state.tasksByFs.count(fs.key()) > 0) {
        return true;
      }
    }
    return false;
  }
}

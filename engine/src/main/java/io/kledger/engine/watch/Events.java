package io.kledger.engine.watch;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.watch.InotifyWatch;
import java.util.TreeSet;

/**
 * Tells watchers what happens to files: include/linux/fsnotify.h. Costs nothing while nobody
 * watches.
 */
public final class Events {
  private static final Events NOBODY = new Events(null);

  private final CallContext context;

  private Events(CallContext context) {
    this.context = context;
  }

  /** What tells of a call's effects; silent while there is no watch. */
  public static Events of(CallContext context) {
    return context.state().watches.size() == 0 ? NOBODY : new Events(context);
  }

  /** fsnotify_open(). */
  public void opened(OpenFileDescription file) {
    if (context != null && !file.pathOnly()) {
      ofFile(file, Inotify.OPEN);
    }
  }

  /** fsnotify_close(): the last reference went. */
  public void closed(OpenFileDescription file) {
    if (context != null && !file.pathOnly()) {
      boolean write = (file.flags() & 3) != 0;
      ofFile(file, write ? Inotify.CLOSE_WRITE : Inotify.CLOSE_NOWRITE);
    }
  }

  /** fsnotify_access(). */
  public void read(OpenFileDescription file) {
    if (context != null) {
      ofFile(file, Inotify.ACCESS);
    }
  }

  /** fsnotify_modify(). */
  public void written(OpenFileDescription file) {
    if (context != null) {
      ofFile(file, Inotify.MODIFY);
    }
  }

  /** The same by path: truncate(2). */
  public void written(Place place, Inode inode) {
    if (context != null) {
      tell(place.dentry(), inode.key(), Inotify.MODIFY);
    }
  }

  /** fsnotify_change(): mode, owner, times or extended attributes. */
  public void attributes(Place place, Inode inode) {
    if (context != null && inode.superblock() != 0) {
      tell(place.dentry(), inode.key(), Inotify.ATTRIB);
    }
  }

  /** Proposed: a lock of flock(2) was granted, or is gone. */
  public void locked(OpenFileDescription file, boolean granted) {
    if (context != null) {
      ofFile(file, granted ? Inotify.LOCK : Inotify.UNLOCK);
    }
  }

  /** fsnotify_create(), fsnotify_mkdir(). */
  public void created(Dentry made) {
    if (context != null) {
      inDirectory(made.parent(), made.name(), Inotify.CREATE | isDir(made.inode()), 0);
    }
  }

  /** fsnotify_link(): the number of names changed, and a name came. */
  public void linked(Inode inode, Dentry made) {
    if (context != null) {
      self(inode.key(), Inotify.ATTRIB);
      created(made);
    }
  }

  /** A file loses a name: fsnotify_link_count(). Call before the inode may go. */
  public void unlinked(long inode) {
    if (context != null) {
      self(inode, Inotify.ATTRIB);
    }
  }

  /** fsnotify_unlink(), fsnotify_rmdir(): call once the name, and perhaps its inode, is gone. */
  public void removed(Dentry gone, boolean directory) {
    if (context != null) {
      long dir = directory ? Inotify.ISDIR : 0;
      inDirectory(gone.parent(), gone.name(), Inotify.DELETE | dir, 0);
    }
  }

  /** fsnotify_inoderemove() and the end of the watches on an inode. */
  public void destroyed(long inode) {
    if (context == null) {
      return;
    }
    KernelState state = context.state();
    for (long key : state.watchesByInode.keys(inode)) {
      InotifyWatch watch = state.watches.require(key);
      send(watch, Inotify.DELETE_SELF, 0, Bytes.EMPTY);
      if (state.watches.get(key) != null) {
        Inotify.ignore(context, watch);
      }
    }
  }

  /** A filesystem is unmounted for good: fsnotify_sb_delete(). */
  public void unmounted(long inode) {
    if (context == null) {
      return;
    }
    KernelState state = context.state();
    for (long key : state.watchesByInode.keys(inode)) {
      InotifyWatch watch = state.watches.require(key);
      long mask = Inotify.UNMOUNT | isDir(inode);
      Inotify.queue(context, watch.instance(), watch.wd(), mask, 0, Bytes.EMPTY);
      Inotify.ignore(context, watch);
    }
  }

  /**
   * fsnotify_move().
   *
   * @param victim key of the inode that the new name had before, 0 if none
   */
  public void moved(
      long oldDirectory, Bytes oldName, long newDirectory, Bytes newName, long inode, long victim) {
    if (context == null) {
      return;
    }
    int cookie = (int) context.next(CounterId.COOKIE);
    long dir = isDir(inode);
    inDirectory(oldDirectory, oldName, Inotify.MOVED_FROM | dir, cookie);
    inDirectory(newDirectory, newName, Inotify.MOVED_TO | dir, cookie);
    if (victim != 0) {
      self(victim, Inotify.ATTRIB);
    }
    self(inode, Inotify.MOVE_SELF);
  }

  private long isDir(long inode) {
    Inode row = context.state().inodes.get(inode);
    return row != null && row.directory() ? Inotify.ISDIR : 0;
  }

  private void ofFile(OpenFileDescription file, long mask) {
    tell(file.place().dentry(), file.inode(), mask);
  }

  private void inDirectory(long dentry, Bytes name, long mask, int cookie) {
    KernelState state = context.state();
    Dentry directory = state.dentries.get(dentry);
    if (directory == null) {
      return;
    }
    for (long key : state.watchesByInode.keys(directory.inode())) {
      send(state.watches.require(key), mask, cookie, name);
    }
  }

  private void self(long inode, long mask) {
    for (long key : context.state().watchesByInode.keys(inode)) {
      send(context.state().watches.require(key), mask, 0, Bytes.EMPTY);
    }
  }

  /** __fsnotify_parent(): in each instance the directory's watch comes before the object's own. */
  private void tell(long dentryKey, long inode, long mask) {
    KernelState state = context.state();
    Dentry dentry = state.dentries.get(dentryKey);
    Dentry parent = dentry == null ? null : state.dentries.get(dentry.parent());
    boolean data = (mask & (Inotify.ACCESS | Inotify.MODIFY)) != 0;
    long above = parent == null || data && special(inode) ? 0 : parent.inode();
    TreeSet<Long> instances = new TreeSet<>();
    for (long key : state.watchesByInode.keys(above)) {
      instances.add(state.watches.require(key).instance());
    }
    for (long key : state.watchesByInode.keys(inode)) {
      instances.add(state.watches.require(key).instance());
    }
    long full =
        mask | (mask == Inotify.ATTRIB || mask == Inotify.OPEN || closes(mask) ? isDir(inode) : 0);
    for (long instance : instances) {
      InotifyWatch directory = above == 0 ? null : Inotify.watch(state, instance, above);
      if (directory != null
          && !(dentry.deleted() && (directory.mask() & Inotify.EXCL_UNLINK) != 0)) {
        send(directory, full, 0, dentry.name());
      }
      InotifyWatch own = inode == 0 ? null : Inotify.watch(state, instance, inode);
      if (own != null) {
        send(own, full, 0, Bytes.EMPTY);
      }
    }
  }

  /** Of pipes and devices a directory does not tell that data moves. */
  private boolean special(long inode) {
    Inode row = context.state().inodes.get(inode);
    return row != null && row.typeKnown() && !row.regular() && !row.directory();
  }

  private static boolean closes(long mask) {
    return (mask & (Inotify.CLOSE_WRITE | Inotify.CLOSE_NOWRITE | Inotify.ACCESS)) != 0;
  }

  private void send(InotifyWatch watch, long mask, int cookie, Bytes name) {
    if ((watch.mask() & mask & ~Inotify.ISDIR) == 0) {
      return;
    }
    Inotify.queue(context, watch.instance(), watch.wd(), mask, cookie, name);
    if ((watch.mask() & Inotify.ONESHOT) != 0 && context.state().watches.get(watch.key()) != null) {
      Inotify.ignore(context, watch);
    }
  }
}

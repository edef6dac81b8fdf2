package io.kledger.engine.file;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.file.PathWalk.Found;
import io.kledger.engine.file.PathWalk.Last;
import io.kledger.engine.file.PathWalk.Missing;
import io.kledger.engine.file.PathWalk.Parent;
import io.kledger.engine.file.PathWalk.ParentWalk;
import io.kledger.engine.file.PathWalk.Refused;
import io.kledger.engine.file.PathWalk.Unknown;
import io.kledger.engine.file.PathWalk.Walk;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;

/** One walk: struct nameidata and link_path_walk(). */
final class Walker {
  private static final int MAXSYMLINKS = 40;
  private static final int NAME_MAX = 255;
  private static final long MS_NOSYMFOLLOW = 256;

  private final CallContext context;
  private final KernelState state;
  private final int flags;
  private final int type;
  private final int resolve;
  private final boolean infer;
  private Place root;
  private long mount;
  private long dentry;
  private long start;
  private long description;
  private long namespace;
  private Bytes rest;
  private int at;
  private int links;
  private Walk stop;

  Walker(CallContext context, int flags, int type, int resolve) {
    this.context = context;
    this.state = context.state();
    this.flags = flags;
    this.type = type;
    this.resolve = resolve;
    this.infer = context.assuming() || (flags & PathWalk.INFER) != 0;
  }

  Walk walk(Place start, Bytes path) {
    begin(start, path);
    while (skipSlashes()) {
      int end = componentEnd();
      boolean last = afterSlashes(end) == rest.length();
      boolean trailing = last && end < rest.length();
      if (!maySearch()) {
        return stop;
      }
      Bytes name = rest.slice(at, end);
      at = end;
      boolean ok = dots(name) ? dot(name) : step(name, last, trailing);
      if (!ok) {
        return stop;
      }
    }
    boolean slash = rest.length() > 0 && rest.at(rest.length() - 1) == '/';
    if ((slash || (flags & PathWalk.DIRECTORY) != 0) && !beDirectory()) {
      return stop;
    }
    return new Found(new Place(mount, dentry), description, namespace);
  }

  ParentWalk parent(Place start, Bytes path) {
    begin(start, path);
    while (skipSlashes()) {
      int end = componentEnd();
      boolean last = afterSlashes(end) == rest.length();
      if (!maySearch()) {
        return refusal();
      }
      Bytes name = rest.slice(at, end);
      at = end;
      if (last) {
        Last kind = !dots(name) ? Last.NORM : name.length() == 1 ? Last.DOT : Last.DOTDOT;
        return new Parent(new Place(mount, dentry), name, kind, end < rest.length());
      }
      boolean ok = dots(name) ? dot(name) : step(name, false, false);
      if (!ok) {
        return refusal();
      }
    }
    return new Parent(new Place(mount, dentry), Bytes.EMPTY, Last.ROOT, true);
  }

  private void begin(Place start, Bytes path) {
    boolean scoped = (resolve & (PathWalk.RESOLVE_BENEATH | PathWalk.RESOLVE_IN_ROOT)) != 0;
    root = scoped ? start : PathWalk.root(context);
    mount = start.mount();
    dentry = start.dentry();
    this.start = dentry;
    rest = path;
    at = 0;
    if (path.length() > 0 && path.at(0) == '/' && (resolve & PathWalk.RESOLVE_BENEATH) != 0) {
      stop = new Refused(Errno.EXDEV, "RESOLVE_BENEATH: absolute path");
    }
  }

  private ParentWalk refusal() {
    return switch (stop) {
      case Refused refused -> refused;
      case Unknown unknown -> unknown;
      case Missing missing -> new Refused(Errno.ENOENT, "no such directory");
      case Found found -> throw new IllegalStateException("a walk that stopped has found nothing");
    };
  }

  private boolean skipSlashes() {
    at = afterSlashes(at);
    return at < rest.length();
  }

  private int afterSlashes(int from) {
    int i = from;
    while (i < rest.length() && rest.at(i) == '/') {
      i++;
    }
    return i;
  }

  private int componentEnd() {
    int end = rest.indexOf('/', at);
    return end < 0 ? rest.length() : end;
  }

  private static boolean dots(Bytes name) {
    return name.at(0) == '.' && (name.length() == 1 || name.length() == 2 && name.at(1) == '.');
  }

  /** may_lookup(), and that the current place is a directory at all. */
  private boolean maySearch() {
    if (stop != null) {
      return false;
    }
    Inode at = inode();
    boolean lazy = (resolve & PathWalk.RESOLVE_CACHED) != 0;
    // try_to_unlazy() refuses a cached walk whatever the walk would find.
    if (lazy
        && dentry != start
        && at != null
        && at.typeKnown()
        && !at.directory()
        && context.refuse("RESOLVE_CACHED: not a directory")) {
      return refuse(Errno.EAGAIN, "RESOLVE_CACHED: not a directory");
    }
    if (!beDirectory()) {
      return false;
    }
    Inode inode = Idmapped.judged(state, mount, inode());
    if (!Access.allowed(state, context.task().credentials(), inode, mount, Access.EXEC)
        && context.refuse("C4.2 search permission")) {
      return refuse(Errno.EACCES, "C4.2 search permission");
    }
    return true;
  }

  private boolean beDirectory() {
    Inode inode = inode();
    if (inode == null || inode.directory()) {
      return true;
    }
    if (!inode.typeKnown()) {
      if (!infer) {
        return unknown("type of a path component");
      }
      context.put(Tables.INODES, inode.withMode(inode.mode() | Inode.S_IFDIR));
      return true;
    }
    return !context.refuse("C4.3 not a directory") || refuse(Errno.ENOTDIR, "C4.3 not a directory");
  }

  private Inode inode() {
    Dentry here = state.dentries.get(dentry);
    return here == null ? null : state.inodes.get(here.inode());
  }

  /** handle_dots(). */
  private boolean dot(Bytes name) {
    if (name.length() == 1) {
      return true;
    }
    if (mount == root.mount() && dentry == root.dentry()) {
      if ((resolve & PathWalk.RESOLVE_BENEATH) != 0) {
        return refuse(Errno.EXDEV, "RESOLVE_BENEATH: .. above the start");
      }
    } else if (!up()) {
      return false;
    }
    return down();
  }

  /** follow_dotdot() and choose_mountpoint(). */
  private boolean up() {
    Mount on = state.mounts.get(mount);
    long m = mount;
    long d = dentry;
    while (on != null && d == on.root()) {
      if (on.parent() == 0) {
        return true;
      }
      if ((resolve & PathWalk.RESOLVE_NO_XDEV) != 0) {
        return refuse(Errno.EXDEV, "RESOLVE_NO_XDEV: .. to another mount");
      }
      m = on.parent();
      d = on.mountpoint();
      if (m == root.mount() && d == root.dentry()) {
        return true;
      }
      on = state.mounts.get(m);
    }
    Dentry here = state.dentries.get(d);
    mount = m;
    dentry = here == null || here.parent() == 0 ? d : here.parent();
    return true;
  }

  /** traverse_mounts(): to the topmost mount on this place. */
  private boolean down() {
    Mount on = state.mountAt(mount, dentry);
    while (on != null) {
      if ((resolve & PathWalk.RESOLVE_NO_XDEV) != 0) {
        return refuse(Errno.EXDEV, "RESOLVE_NO_XDEV: mount point");
      }
      mount = on.key();
      dentry = on.root();
      on = state.mountAt(mount, dentry);
    }
    return true;
  }

  /** walk_component() and step_into(). */
  private boolean step(Bytes name, boolean last, boolean trailing) {
    if (name.length() > NAME_MAX) {
      return refuse(Errno.ENAMETOOLONG, "C4.2 NAME_MAX");
    }
    description = 0;
    namespace = 0;
    boolean follow = !last || trailing || (flags & PathWalk.FOLLOW) != 0;
    ProcFiles.Entry entry = ProcFiles.lookup(context, dentry, name);
    if (entry != null) {
      boolean link = follow && entry instanceof ProcFiles.File && ProcFiles.ownLink(name);
      if (link && (resolve & PathWalk.RESOLVE_NO_SYMLINKS) != 0) {
        return refuse(Errno.ELOOP, "RESOLVE_NO_SYMLINKS");
      }
      return proc(entry, name, follow, last, trailing);
    }
    Dentry child = child(name, last, trailing);
    if (child == null) {
      return false;
    }
    long directoryMount = mount;
    long directory = dentry;
    dentry = child.key();
    if (!down()) {
      return false;
    }
    if (!follow) {
      return true;
    }
    Inode inode = inode();
    if (inode == null || !inode.symlink()) {
      return true;
    }
    return followLink(inode, directoryMount, directory, last);
  }

  /** pick_link(). */
  private boolean followLink(Inode link, long directoryMount, long directory, boolean last) {
    if (links++ >= MAXSYMLINKS) {
      return refuse(Errno.ELOOP, "C4.3 40 links");
    }
    if ((resolve & PathWalk.RESOLVE_NO_SYMLINKS) != 0) {
      return refuse(Errno.ELOOP, "RESOLVE_NO_SYMLINKS");
    }
    Mount on = state.mounts.get(mount);
    if (on != null && (on.flags() & MS_NOSYMFOLLOW) != 0) {
      return refuse(Errno.ELOOP, "C13 nosymfollow");
    }
    Bytes target = link.target();
    if (target.isEmpty()) {
      return unknown("target of a symbolic link");
    }
    mount = directoryMount;
    dentry = directory;
    if (target.at(0) == '/') {
      if ((resolve & PathWalk.RESOLVE_BENEATH) != 0) {
        return refuse(Errno.EXDEV, "RESOLVE_BENEATH: absolute link");
      }
      if ((resolve & PathWalk.RESOLVE_NO_XDEV) != 0 && root.mount() != mount) {
        return refuse(Errno.EXDEV, "RESOLVE_NO_XDEV: absolute link");
      }
      if (!root.known()) {
        return unknown("the task's root is not known");
      }
      mount = root.mount();
      dentry = root.dentry();
    }
    rest = target.plus(rest.slice(at, rest.length()));
    at = 0;
    return true;
  }

  /** The child dentry; null if the walk stops here. */
  private Dentry child(Bytes name, boolean last, boolean trailing) {
    Dentry child = state.child(dentry, name);
    if (child == null) {
      child = Overlay.lookup(context, dentry, name);
    }
    if (child != null && child.inode() != 0) {
      return child;
    }
    boolean known = child != null || Dcache.complete(state, state.dentries.require(dentry));
    boolean create = last && (flags & PathWalk.MAY_CREATE) != 0;
    if (known && uncached() && context.refuse("RESOLVE_CACHED: no such name")) {
      refuse(Errno.EAGAIN, "RESOLVE_CACHED: no such name");
      return null;
    }
    if (create && (known || infer) || known && !infer && context.refuse("C4 no such name")) {
      stop =
          last
              ? new Missing(new Place(mount, dentry), name, trailing)
              : new Refused(Errno.ENOENT, "C4 no such directory");
      return null;
    }
    if (!known && !infer) {
      if (last && (flags & PathWalk.LEARN_NOTHING) == 0) {
        Lookup.learnMissing(context, dentry, name);
      }
      stop = new Unknown("name in a directory that is not known completely");
      return null;
    }
    boolean must = !last || trailing || (flags & PathWalk.DIRECTORY) != 0;
    return Dcache.inferChild(context, dentry, name, must ? Inode.S_IFDIR : type);
  }

  /** Filesystems without negative dentries (simple_lookup()): such a name is not in the cache. */
  private boolean uncached() {
    if ((resolve & PathWalk.RESOLVE_CACHED) == 0) {
      return false;
    }
    Superblock superblock = state.superblocks.get(state.dentries.require(dentry).superblock());
    return superblock != null
        && switch (superblock.type().toString()) {
          case "tmpfs", "ramfs", "devtmpfs", "proc", "cgroup2" -> true;
          default -> false;
        };
  }

  private boolean proc(
      ProcFiles.Entry entry, Bytes name, boolean follow, boolean last, boolean trailing) {
    return switch (entry) {
      case ProcFiles.Absent absent -> {
        if (context.refuse("no such process or descriptor")) {
          stop =
              last
                  ? new Missing(new Place(mount, dentry), name, trailing)
                  : new Refused(Errno.ENOENT, "no such process or descriptor");
          yield false;
        }
        yield plain(name, Inode.S_IFDIR);
      }
      case ProcFiles.File file ->
          follow || file.name().equals(name) ? owned(file) : alias(name, file.name());
      case ProcFiles.Link link -> {
        if (!follow) {
          yield plain(name, Inode.S_IFLNK);
        }
        yield jump(link);
      }
    };
  }

  /** /proc/self itself: a symbolic link whose target depends on who looks. */
  private boolean alias(Bytes name, Bytes target) {
    Dentry link = state.child(dentry, name);
    Inode inode = link == null ? null : state.inodes.get(link.inode());
    if (inode == null || !inode.symlink()) {
      link = Dcache.inferSymlink(context, dentry, name, target);
    } else if (!inode.target().equals(target)) {
      context.put(Tables.INODES, inode.withTarget(target));
    }
    dentry = link.key();
    return true;
  }

  /** A file of a process belongs to who the process runs as (proc_pid_make_inode()). */
  private boolean owned(ProcFiles.File file) {
    boolean fine = plain(file.name(), file.type());
    Inode inode = inode();
    if (fine
        && inode != null
        && file.owner() != Dcache.UNKNOWN_ID
        && (inode.mode() != file.type()
            || inode.uid() != file.owner()
            || inode.gid() != file.group())) {
      context.put(Tables.INODES, inode.withMode(file.type()).withOwner(file.owner(), file.group()));
    }
    return fine;
  }

  private boolean plain(Bytes name, int fileType) {
    Dentry child = state.child(dentry, name);
    if (child == null || child.inode() == 0) {
      child = Dcache.inferChild(context, dentry, name, fileType);
    }
    dentry = child.key();
    return down();
  }

  /** nd_jump_link(). */
  private boolean jump(ProcFiles.Link link) {
    if ((resolve & (PathWalk.RESOLVE_NO_MAGICLINKS | PathWalk.RESOLVE_NO_SYMLINKS)) != 0) {
      return refuse(Errno.ELOOP, "RESOLVE_NO_MAGICLINKS");
    }
    if ((resolve & (PathWalk.RESOLVE_BENEATH | PathWalk.RESOLVE_IN_ROOT)) != 0) {
      return refuse(Errno.EXDEV, "magic link out of the scope");
    }
    if ((resolve & PathWalk.RESOLVE_NO_XDEV) != 0 && link.place().mount() != mount) {
      return refuse(Errno.EXDEV, "RESOLVE_NO_XDEV: magic link");
    }
    if (links++ >= MAXSYMLINKS) {
      return refuse(Errno.ELOOP, "C4.3 40 links");
    }
    if (link.errno() != 0 && context.refuse("C7.8 link of /proc")) {
      return refuse(link.errno(), "C7.8 link of /proc");
    }
    if (!link.place().known() && link.description() == 0 && link.namespace() == 0) {
      return unknown("where a link of /proc leads");
    }
    mount = link.place().mount();
    dentry = link.place().dentry();
    description = link.description();
    namespace = link.namespace();
    return true;
  }

  private boolean refuse(int errno, String rule) {
    stop = new Refused(errno, rule);
    return false;
  }

  private boolean unknown(String reason) {
    stop = new Unknown(reason);
    return false;
  }
}

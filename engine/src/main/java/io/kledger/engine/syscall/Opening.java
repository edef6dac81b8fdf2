package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.blob.Blobs;
import io.kledger.engine.block.BtrfsSpace;
import io.kledger.engine.block.Loops;
import io.kledger.engine.cgroup.CgroupFs;
import io.kledger.engine.device.DeviceCgroup;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.FdInference;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTarget;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.Idmapped;
import io.kledger.engine.file.Limits;
import io.kledger.engine.file.LinkInference;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.file.Openers;
import io.kledger.engine.file.Overlay;
import io.kledger.engine.file.OverlayUpper;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.lock.Leases;
import io.kledger.engine.mount.NamespaceFiles;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.engine.watch.Events;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Text;
import io.kledger.ingest.strace.FdAnnotation;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.path.PathText;

/** One open: path_openat() and do_open(). */
final class Opening {
  private static final long MS_NODEV = 4;
  private static final long CREATION =
      OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOCTTY | OpenFlags.TRUNC | OpenFlags.EMPTYPATH;

  private final CallContext context;
  private final KernelState state;
  private final Request asked;
  private final long flags;

  /** Upgrade mask of the description that the path led through. */
  private long inherited;

  /** The arguments; the flags are valid. */
  record Request(
      Fd dirfd, Text path, long flags, long mode, int resolve, boolean regular, long upgradeMask) {
    /** Without what is only proposed. */
    Request(Fd dirfd, Text path, long flags, long mode, int resolve) {
      this(dirfd, path, flags, mode, resolve, false, 0);
    }
  }

  Opening(CallContext context, Request asked) {
    this.context = context;
    this.state = context.state();
    this.asked = asked;
    this.flags = asked.flags();
  }

  private boolean has(long flag) {
    return (flags & flag) != 0;
  }

  Result run() {
    if (full()) {
      return context.fail(Errno.EMFILE, "C2.1 RLIMIT_NOFILE");
    }
    if (has(OpenFlags.TMPFILE)) {
      return unnamed();
    }
    if (has(OpenFlags.CREAT) && !has(OpenFlags.DIRECTORY) && slashAfterName()) {
      return context.fail(Errno.EISDIR, "C4.5 O_CREAT with a slash");
    }
    learnLinks();
    boolean exclusive = has(OpenFlags.CREAT) && has(OpenFlags.EXCL);
    int walk =
        (has(OpenFlags.NOFOLLOW) || exclusive ? 0 : PathWalk.FOLLOW)
            | (has(OpenFlags.DIRECTORY) && !exclusive ? PathWalk.DIRECTORY : 0)
            | (has(OpenFlags.EMPTYPATH) ? PathWalk.EMPTY_PATH : 0)
            | (has(OpenFlags.CREAT) ? PathWalk.MAY_CREATE : 0);
    Result result =
        switch (PathWalk.walk(context, asked.dirfd(), asked.path(), walk, 0, asked.resolve())) {
          case PathWalk.Found found -> open(found);
          case PathWalk.Missing missing -> create(missing);
          case PathWalk.Refused refused -> context.fail(refused.errno(), refused.rule());
          case PathWalk.Unknown unknown -> new Result.Unknown(unknown.reason());
        };
    return result instanceof Result.Done || !context.assuming() ? result : fallback();
  }

  /** open_last_lookups(): what a file is to be made by cannot be a directory, whatever is there. */
  private boolean slashAfterName() {
    return asked.path() != null
        && trailingSlash()
        && PathWalk.parent(context, asked.dirfd(), asked.path(), asked.resolve())
            instanceof PathWalk.Parent parent
        && parent.last() == PathWalk.Last.NORM
        && context.refuse("C4.5 O_CREAT with a slash");
  }

  /** get_unused_fd_flags() comes before the walk: nothing is made when there is no number left. */
  private boolean full() {
    boolean named = asked.path() != null && asked.path().getValue().hasRemaining();
    return (named || has(OpenFlags.EMPTYPATH))
        && FdTables.lowestFree(state, context.task().files(), 0) >= Limits.files(context)
        && context.refuse("C2.1 RLIMIT_NOFILE");
  }

  /** The kernel opened something that the ledger cannot find: the annotation is all there is. */
  private Result fallback() {
    OpenFileDescription told = FdInference.describe(context, Files.resultTarget(context));
    OpenFileDescription file = told.withFlags(flags & ~CREATION & ~OpenFlags.CLOEXEC);
    context.emit(new FdChange.Opened(file));
    return FdTables.install(context, file, has(OpenFlags.CLOEXEC));
  }

  private void learnLinks() {
    Bytes target = context.assuming() ? Files.resultTarget(context) : null;
    if (target == null || asked.path() == null || has(OpenFlags.PATH | OpenFlags.NOFOLLOW)) {
      return;
    }
    FdTarget told = FdTarget.parse(target);
    if (told.kind() == FileKind.PATH && !told.deleted()) {
      Bytes path = Bytes.of(asked.path().getValue());
      if (!path.isEmpty()) {
        LinkInference.learn(context, PathWalk.start(context, asked.dirfd()), path, told.path());
      }
    }
  }

  private Result open(PathWalk.Found found) {
    if (!found.place().known()) {
      return reopen(found);
    }
    Place place = corrected(found.place());
    Inode inode = inode(place);
    long mask = UpgradeMasks.of(state, found.description());
    Result refused = UpgradeMasks.check(context, mask, flags);
    if (refused == null) {
      refused = refusal(place, inode);
    }
    if (refused != null) {
      return refused;
    }
    inherited = mask;
    long access = flags & OpenFlags.ACCMODE;
    boolean writes = access == OpenFlags.WRONLY || access == OpenFlags.RDWR || has(OpenFlags.TRUNC);
    if (writes
        && !has(OpenFlags.PATH)
        && inode != null
        && state.programsByInode.count(inode.key()) > 0
        && context.refuse("C3.2 a process runs it")) {
      return context.fail(Errno.ETXTBSY, "C3.2 a process runs it");
    }
    if (writes && !has(OpenFlags.PATH)) {
      OverlayUpper.copyUp(context, place.dentry());
    }
    boolean truncates = has(OpenFlags.TRUNC) && inode != null && inode.regular();
    if (truncates && inode.size() != 0) {
      BtrfsSpace.refund(context, inode, inode.size());
      Contents.drop(context, inode.key());
      context.put(Tables.INODES, inode.withSize(0));
    }
    if (truncates) {
      OverlayUpper.sync(context, place.dentry());
    }
    Result result = install(place);
    if (truncates && result instanceof Result.Done) {
      Events.of(context).written(place, inode);
    }
    return result;
  }

  private Inode inode(Place place) {
    Dentry dentry = state.dentries.get(place.dentry());
    return dentry == null ? null : state.inodes.get(dentry.inode());
  }

  private Result install(Place place) {
    Namespace shown = told();
    if (shown != null && NamespaceFiles.namespace(state, place.dentry()) == null) {
      return namespace(shown);
    }
    learnType(place);
    OpenFileDescription file = Files.open(context, place, flags & ~CREATION);
    new SpecialOpening(context, flags).opened(inode(place), file);
    Namespace namespace = NamespaceFiles.namespace(state, place.dentry());
    if (namespace != null) {
      file = file.withObject(FileKind.NAMESPACE, namespace.key(), file.inode());
      context.put(Tables.DESCRIPTIONS, file);
    }
    Openers.opened(context, file);
    UpgradeMasks.give(context, file, inherited | asked.upgradeMask());
    Result result = FdTables.install(context, file, has(OpenFlags.CLOEXEC));
    if (result instanceof Result.Done) {
      Events.of(context).opened(file);
    }
    return result;
  }

  /** The link of a process outside the log led to a namespace: its annotation says to which. */
  private Namespace told() {
    Bytes target = Files.resultTarget(context);
    FdTarget told = target == null ? null : FdTarget.parse(target);
    if (told == null || told.kind() != FileKind.NAMESPACE || told.number() == 0) {
      return null;
    }
    String text = told.name().latin1();
    for (NamespaceKind kind : NamespaceKind.values()) {
      if (text.startsWith(kind.procName() + ":[")) {
        return NamespaceRows.seen(context, kind, told.number(), 0);
      }
    }
    return null;
  }

  /** It has no place among the files, only the name that its kind and number make. */
  private Result namespace(Namespace ns) {
    String name = ns.kind().procName() + ":[" + ns.inode() + "]";
    OpenFileDescription file =
        Files.object(context, FileKind.NAMESPACE, ns.key(), name, 0, flags & ~CREATION);
    return FdTables.install(context, file, has(OpenFlags.CLOEXEC));
  }

  /** The annotation of the result tells where the kernel got to. */
  private Place corrected(Place place) {
    Bytes target = Files.resultTarget(context);
    if (target == null) {
      return place;
    }
    FdTarget told = FdTarget.parse(target);
    if (told.kind() != FileKind.PATH
        || told.deleted()
        || PathText.fromTop(state, place).equals(told.path())
        || PathText.unlinked(state, place)) {
      return place;
    }
    Place real = FdInference.place(context, told, told.type());
    return real.known() ? real : place;
  }

  private void learnType(Place place) {
    Inode inode = inode(place);
    Bytes target = Files.resultTarget(context);
    if (inode == null || !context.succeeded()) {
      return;
    }
    FdTarget told = target == null ? null : FdTarget.parse(target);
    int type = told == null ? 0 : told.type();
    if (told != null
        && told.annotation() instanceof FdAnnotation.Device device
        && inode.rdevMajor() == 0
        && (!inode.typeKnown() || (inode.mode() & Inode.S_IFMT) == type)) {
      inode = inode.withDevice(device.major(), device.minor());
      context.put(Tables.INODES, inode);
    }
    if (inode.typeKnown()) {
      return;
    }
    if (has(OpenFlags.DIRECTORY)) {
      type = Inode.S_IFDIR;
    }
    if (type != 0) {
      context.put(Tables.INODES, inode.withMode(inode.mode() | type));
    }
  }

  /** A descriptor of /proc/PID/fd or a namespace of /proc/PID/ns, which have no path. */
  private Result reopen(PathWalk.Found found) {
    if (found.namespace() != 0) {
      return namespace(
          NamespaceRows.learnInode(context, found.namespace(), Files.shownNumber(context)));
    }
    long status = flags & ~CREATION;
    boolean cloexec = has(OpenFlags.CLOEXEC);
    OpenFileDescription old = state.descriptions.get(found.description());
    if (old == null) {
      return new Result.Unknown("what the link leads to");
    }
    boolean odd = asked.regular() && old.kind() != FileKind.MEMFD;
    if (odd && context.refuse("F05 type")) {
      context.notice(
          "file.open_refused",
          "path",
          old.name().latin1(),
          "pid",
          Integer.toString(context.task().tid()));
      return context.fail(Errno.EFTYPE, "F05 type");
    }
    boolean again =
        has(OpenFlags.PATH) || old.kind() == FileKind.PIPE || old.kind() == FileKind.MEMFD;
    if (!again && old.kind() == FileKind.OTHER && !context.assuming()) {
      return new Result.Unknown("what the link leads to");
    }
    if (has(OpenFlags.DIRECTORY) && context.refuse("C4.5 not a directory")) {
      return context.fail(Errno.ENOTDIR, "C4.5 not a directory");
    }
    if (!again && context.refuse("C4.5 no device or address")) {
      return context.fail(Errno.ENXIO, "C4.5 no device or address");
    }
    OpenFileDescription file =
        Files.object(context, old.kind(), old.object(), old.name().toString(), old.inode(), status);
    return FdTables.install(context, file, cloexec);
  }

  /** do_open(), may_open(): null if the kernel opens it. */
  private Result refusal(Place place, Inode inode) {
    if (has(OpenFlags.CREAT)) {
      if (has(OpenFlags.EXCL) && context.refuse("C4.5 O_EXCL")) {
        return context.fail(Errno.EEXIST, "C4.5 O_EXCL");
      }
      boolean directory = inode != null && inode.directory() || trailingSlash();
      if (directory && !has(OpenFlags.DIRECTORY) && context.refuse("C4.5 O_CREAT on a directory")) {
        return context.fail(Errno.EISDIR, "C4.5 O_CREAT on a directory");
      }
    }
    if (has(OpenFlags.PATH) || inode == null) {
      return null;
    }
    if (asked.regular() && inode.typeKnown() && !inode.regular() && context.refuse("F05 type")) {
      context.notice(
          "file.open_refused",
          "path",
          PathText.fromTop(state, place).latin1(),
          "pid",
          Integer.toString(context.task().tid()));
      return context.fail(Errno.EFTYPE, "F05 type");
    }
    if (inode.symlink() && context.refuse("C4.5 O_NOFOLLOW")) {
      return context.fail(Errno.ELOOP, "C4.5 O_NOFOLLOW");
    }
    boolean write = (flags & OpenFlags.ACCMODE) != OpenFlags.RDONLY || has(OpenFlags.TRUNC);
    if (write && inode.directory() && context.refuse("C4.5 directory for writing")) {
      return context.fail(Errno.EISDIR, "C4.5 directory for writing");
    }
    if (write && !inode.typeKnown() && !context.assuming()) {
      return new Result.Unknown("type of the file");
    }
    return permission(place, inode, write);
  }

  private boolean trailingSlash() {
    var path = asked.path().getValue();
    return path.hasRemaining() && path.get(path.limit() - 1) == '/';
  }

  private Result permission(Place place, Inode raw, boolean write) {
    Inode inode = Idmapped.judged(state, place.mount(), raw);
    int type = inode.mode() & Inode.S_IFMT;
    boolean device = type == Inode.S_IFCHR || type == Inode.S_IFBLK;
    Mount mount = state.mounts.get(place.mount());
    boolean nodev =
        device
            && (mount != null && (mount.flags() & MS_NODEV) != 0
                || DeviceCgroup.implicitNodev(context, mount));
    if (nodev && context.refuse("may_open_dev: nodev")) {
      DeviceCgroup.denied(context, raw.rdevMajor(), raw.rdevMinor(), "NODEV");
      return context.fail(Errno.EACCES, "may_open_dev: nodev");
    }
    int access = (int) (flags & OpenFlags.ACCMODE);
    int wanted = (access == OpenFlags.WRONLY ? 0 : Access.READ) | (write ? Access.WRITE : 0);
    boolean allowed =
        !(write && Idmapped.unmapped(state, place.mount(), raw))
            && Access.allowed(state, context.task().credentials(), inode, place.mount(), wanted);
    if (!allowed && context.refuse("C4.2 permission")) {
      return context.fail(Errno.EACCES, "C4.2 permission");
    }
    String letters =
        ((wanted & Access.READ) != 0 ? "r" : "") + ((wanted & Access.WRITE) != 0 ? "w" : "");
    if (device
        && !DeviceCgroup.allows(context, type, raw.rdevMajor(), raw.rdevMinor(), letters)
        && context.refuse("devcgroup_inode_permission")) {
      DeviceCgroup.denied(context, raw.rdevMajor(), raw.rdevMinor(), "POLICY");
      return context.fail(Errno.EPERM, "devcgroup_inode_permission");
    }
    boolean noatime =
        has(OpenFlags.NOATIME) && !Access.owner(state, context.task().credentials(), inode);
    if (noatime && context.refuse("may_open: O_NOATIME")) {
      return context.fail(Errno.EPERM, "may_open: O_NOATIME");
    }
    boolean special = device || type == Inode.S_IFIFO || type == Inode.S_IFSOCK;
    if (write
        && !special
        && Names.readOnly(state, place)
        && context.refuse("read-only filesystem")) {
      return context.fail(Errno.EROFS, "read-only filesystem");
    }
    if (write && Overlay.guarded(state, place.dentry())) {
      return context.fail(Errno.EPERM, "F42 immutable layer");
    }
    if (write && Blobs.sealed(state, raw)) {
      return context.fail(Errno.EPERM, "F30.4 sealed");
    }
    if (write && !special && Loops.deniesWrites(state, inode.key())) {
      Loops.denied(context, inode.key(), "open");
      return context.fail(Errno.ETXTBSY, "F16.2 immutable loop device");
    }
    return special ? new SpecialOpening(context, flags).refusal(inode, type) : leased(inode, write);
  }

  /** break_lease(): null if no lease is in the way. */
  private Result leased(Inode inode, boolean write) {
    if (!Leases.conflicting(state, inode.key(), write)) {
      return null;
    }
    if (context.assuming()) {
      Leases.drop(context, inode.key(), write);
      return null;
    }
    Leases.breakAll(context, inode.key(), write);
    return has(OpenFlags.NONBLOCK)
        ? context.fail(Errno.EAGAIN, "C9 lease")
        : new Result.Blocked("a lease");
  }

  private Result create(PathWalk.Missing missing) {
    if (!has(OpenFlags.CREAT)) {
      return context.fail(Errno.ENOENT, "C4 no such file");
    }
    if (has(OpenFlags.DIRECTORY)) {
      return createDirectory(missing);
    }
    if (procfs(missing) && context.refuse("C4 no such file")) {
      return context.fail(Errno.ENOENT, "C4 no such file");
    }
    boolean slash = missing.trailingSlash() || trailingSlash();
    if (slash && context.refuse("C4.5 O_CREAT with a slash")) {
      return context.fail(Errno.EISDIR, "C4.5 O_CREAT with a slash");
    }
    Place directory = missing.directory();
    Result refused = Names.mayCreate(context, directory, "C4.6 create");
    if (refused != null) {
      return refused;
    }
    if (Names.fixed(state, directory.dentry(), true) && context.refuse("C5 no inode operation")) {
      return context.fail(Errno.EACCES, "C5 no inode operation");
    }
    if (CgroupFs.holds(state, directory.dentry()) && context.refuse("C9.2 no other files")) {
      return context.fail(Errno.EACCES, "C9.2 no other files");
    }
    Result quota = Names.inodeQuota(context, directory);
    if (quota != null) {
      return quota;
    }
    Dentry parent = state.dentries.require(directory.dentry());
    if (Blobs.store(state, parent.superblock())) {
      return stageBlob(directory, parent, missing.name());
    }
    Dentry old = state.child(parent.key(), missing.name());
    boolean certain = has(OpenFlags.EXCL) || old != null || Dcache.complete(state, parent);
    Inode owner = state.inodes.get(parent.inode());
    int mode = Inode.S_IFREG | (int) asked.mode() & 07777 & ~Names.umask(context);
    Dentry made =
        certain
            ? Dcache.createChild(
                context,
                parent.key(),
                missing.name(),
                Dcache.owned(context, directory.mount(), owner, mode))
            : Dcache.inferChild(context, parent.key(), missing.name(), created());
    if (!certain) {
      Dcache.numberUnseen(context, parent.superblock());
    }
    Events.of(context).created(made);
    return install(new Place(directory.mount(), made.key()));
  }

  /** proc_pident_lookup() and its kin say themselves that there is no such name. */
  private boolean procfs(PathWalk.Missing missing) {
    Dentry directory = state.dentries.get(missing.directory().dentry());
    Superblock superblock =
        directory == null ? null : state.superblocks.get(directory.superblock());
    return superblock != null && superblock.type().toString().equals("proc");
  }

  /** Proposed: a blob is not there before all of it is. */
  private Result stageBlob(Place directory, Dentry parent, Bytes name) {
    if (!Blobs.isDigest(name)) {
      return context.fail(Errno.EINVAL, "F30.2 name is no digest");
    }
    Dentry made = unnamedFile(directory, parent, 0);
    Blobs.stage(context, state.inodes.require(made.inode()), name);
    return install(new Place(directory.mount(), made.key()));
  }

  private Dentry unnamedFile(Place directory, Dentry parent, long number) {
    int mode = Inode.S_IFREG | (int) asked.mode() & 07777 & ~Names.umask(context);
    Inode owner = state.inodes.get(parent.inode());
    return Dcache.createUnnamed(
        context,
        parent.key(),
        Dcache.owned(context, directory.mount(), owner, mode),
        number,
        !has(OpenFlags.EXCL));
  }

  /** Proposed: O_CREAT|O_DIRECTORY makes the directory that it opens. */
  private Result createDirectory(PathWalk.Missing missing) {
    boolean write = (flags & OpenFlags.ACCMODE) != OpenFlags.RDONLY || has(OpenFlags.TRUNC);
    if (write && context.refuse("C4.5 directory for writing")) {
      return context.fail(Errno.EISDIR, "C4.5 directory for writing");
    }
    PathWalk.Walk last =
        PathWalk.walk(
            context, asked.dirfd(), asked.path(), PathWalk.MAY_CREATE, 0, asked.resolve());
    if (last instanceof PathWalk.Found && context.refuse("F27.2 dangling link")) {
      return context.fail(Errno.ENOENT, "F27.2 dangling link");
    }
    Place directory = missing.directory();
    Result refused = Names.mayCreate(context, directory, "F27 create");
    if (refused != null) {
      return refused;
    }
    Inode owner = state.inodes.get(state.dentries.require(directory.dentry()).inode());
    int mode = Inode.S_IFDIR | (int) asked.mode() & 01777 & ~Names.umask(context);
    Dentry made =
        Dcache.createChild(
            context,
            directory.dentry(),
            missing.name(),
            Dcache.owned(context, directory.mount(), owner, mode));
    CgroupFs.made(context, made);
    Events.of(context).created(made);
    return install(new Place(directory.mount(), made.key()));
  }

  /** Type of what opened with O_CREAT in a directory that is not known completely. */
  private int created() {
    Bytes target = Files.resultTarget(context);
    int type = target == null ? 0 : FdTarget.parse(target).type();
    return type == 0 ? Inode.S_IFREG : type;
  }

  /** do_tmpfile(). */
  private Result unnamed() {
    PathWalk.Walk walk =
        PathWalk.walk(
            context,
            asked.dirfd(),
            asked.path(),
            PathWalk.FOLLOW | PathWalk.DIRECTORY,
            Inode.S_IFDIR,
            asked.resolve());
    Result result =
        switch (walk) {
          case PathWalk.Found found -> unnamedIn(found.place());
          case PathWalk.Missing missing -> context.fail(Errno.ENOENT, "C4 no such directory");
          case PathWalk.Refused refused -> context.fail(refused.errno(), refused.rule());
          case PathWalk.Unknown unknown -> new Result.Unknown(unknown.reason());
        };
    return result instanceof Result.Done || !context.assuming() ? result : fallback();
  }

  private Result unnamedIn(Place directory) {
    Result refused = Names.mayCreate(context, directory, "O_TMPFILE");
    if (refused != null) {
      return refused;
    }
    Dentry parent = state.dentries.require(directory.dentry());
    Superblock sb = state.superblocks.get(parent.superblock());
    String type = sb == null ? "" : sb.type().toString();
    if (!context.assuming()) {
      switch (type) {
        case "tmpfs",
            "ext4",
            "ext2",
            "ext3",
            "xfs",
            "btrfs",
            "f2fs",
            "ramfs",
            "blobfs",
            "overlay" -> {}
        case "proc", "sysfs", "cgroup2", "devpts", "vfat", "iso9660", "squashfs" -> {
          return context.fail(Errno.EOPNOTSUPP, "C4.5 O_TMPFILE");
        }
        default -> {
          return new Result.Unknown("whether the filesystem has O_TMPFILE");
        }
      }
    }
    Dentry made = unnamedFile(directory, parent, shownTmpfile());
    if (Blobs.store(state, parent.superblock())) {
      Blobs.stage(context, state.inodes.require(made.inode()), Bytes.EMPTY);
    }
    return install(new Place(directory.mount(), made.key()));
  }

  /** The inode number in `/dir/#123 (deleted)`, 0 if not shown. */
  private long shownTmpfile() {
    Bytes target = Files.resultTarget(context);
    String text = target == null ? "" : FdTarget.parse(target).path().latin1();
    int hash = text.lastIndexOf("/#");
    if (hash < 0 || hash + 2 == text.length()) {
      return 0;
    }
    long value = 0;
    for (int i = hash + 2; i < text.length(); i++) {
      if (!Character.isDigit(text.charAt(i))) {
        return 0;
      }
      value = value * 10 + text.charAt(i) - '0';
    }
    return value;
  }
}

package io.kledger.kernel;

import io.kledger.event.Bytes;
import io.kledger.kernel.binfmt.BinfmtEntry;
import io.kledger.kernel.binfmt.BinfmtInstance;
import io.kledger.kernel.block.Blob;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.DevicePolicy;
import io.kledger.kernel.block.DeviceProgram;
import io.kledger.kernel.block.DiskImage;
import io.kledger.kernel.block.FsDevice;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.block.MappedDevice;
import io.kledger.kernel.block.MappedTable;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.cgroup.CgroupCoredump;
import io.kledger.kernel.cgroup.CgroupEventCount;
import io.kledger.kernel.cgroup.CgroupLimit;
import io.kledger.kernel.cgroup.CgroupNotified;
import io.kledger.kernel.cgroup.CgroupSettings;
import io.kledger.kernel.change.StateChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.EpollItem;
import io.kledger.kernel.file.EventCounter;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FdTable;
import io.kledger.kernel.file.FdTrail;
import io.kledger.kernel.file.FileContent;
import io.kledger.kernel.file.InFlight;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.PendingRelease;
import io.kledger.kernel.file.PipeSize;
import io.kledger.kernel.file.RightsFilter;
import io.kledger.kernel.file.Seals;
import io.kledger.kernel.file.SignalOwner;
import io.kledger.kernel.file.SlowFilesystem;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.file.SocketMessage;
import io.kledger.kernel.file.UpgradeMask;
import io.kledger.kernel.file.Xattr;
import io.kledger.kernel.inet.InetSocket;
import io.kledger.kernel.inet.NetInterface;
import io.kledger.kernel.inet.PacketSource;
import io.kledger.kernel.inet.Route;
import io.kledger.kernel.key.Key;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.mount.FsContext;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountsTold;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceName;
import io.kledger.kernel.ns.TimeOffsets;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.overlay.OverlayEntry;
import io.kledger.kernel.overlay.OverlayLayer;
import io.kledger.kernel.quota.QuotaLimits;
import io.kledger.kernel.quota.QuotaTypes;
import io.kledger.kernel.security.LsmRule;
import io.kledger.kernel.task.AutoReap;
import io.kledger.kernel.task.FileOpener;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.JobState;
import io.kledger.kernel.task.PendingCall;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.PidCounter;
import io.kledger.kernel.task.PidExit;
import io.kledger.kernel.task.PidTimes;
import io.kledger.kernel.task.Program;
import io.kledger.kernel.task.ResourceLimit;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskSettings;
import io.kledger.kernel.task.ThreadGroup;
import io.kledger.kernel.time.Timer;
import io.kledger.kernel.uring.Ring;
import io.kledger.kernel.uring.RingFile;
import io.kledger.kernel.uring.RingRequest;
import io.kledger.kernel.watch.FanotifyGroup;
import io.kledger.kernel.watch.InotifyEvent;
import io.kledger.kernel.watch.InotifyInstance;
import io.kledger.kernel.watch.InotifyWatch;
import io.kledger.kernel.watch.MountEvent;
import io.kledger.kernel.watch.MountMark;
import io.kledger.store.Index;
import io.kledger.store.Row;
import io.kledger.store.RowSource;
import io.kledger.store.StateTables;
import io.kledger.store.Table;
import io.kledger.store.TableId;

/**
 * The kernel state of one machine. Everybody may read; {@link #apply} is the only door for writes,
 * and only the engine's transaction goes through it. One thread; see {@link Table} for order and
 * laziness.
 */
public final class KernelState {
  private final StateTables tables = new StateTables(Tables.ALL);

  public final Table<Counter> counters = tables.table(Tables.COUNTERS);
  public final Table<Task> tasks = tables.table(Tables.TASKS);
  public final Table<ThreadGroup> groups = tables.table(Tables.GROUPS);
  public final Table<Pid> pids = tables.table(Tables.PIDS);
  public final Table<FsStruct> fs = tables.table(Tables.FS);
  public final Table<FdTable> fdTables = tables.table(Tables.FD_TABLES);
  public final Table<FdSlot> fds = tables.table(Tables.FDS);
  public final Table<OpenFileDescription> descriptions = tables.table(Tables.DESCRIPTIONS);
  public final Table<Inode> inodes = tables.table(Tables.INODES);
  public final Table<Dentry> dentries = tables.table(Tables.DENTRIES);
  public final Table<Superblock> superblocks = tables.table(Tables.SUPERBLOCKS);
  public final Table<Mount> mounts = tables.table(Tables.MOUNTS);
  public final Table<Namespace> namespaces = tables.table(Tables.NAMESPACES);
  public final Table<UserNamespace> userNamespaces = tables.table(Tables.USER_NAMESPACES);
  public final Table<Cgroup> cgroups = tables.table(Tables.CGROUPS);
  public final Table<FileLock> locks = tables.table(Tables.LOCKS);
  public final Table<PendingCall> pending = tables.table(Tables.PENDING);
  public final Table<Machine> machine = tables.table(Tables.MACHINE);
  public final Table<PidCounter> pidCounters = tables.table(Tables.PID_COUNTERS);
  public final Table<TaskSettings> taskSettings = tables.table(Tables.TASK_SETTINGS);
  public final Table<Program> programs = tables.table(Tables.PROGRAMS);

  /** Processes that run a file. */
  public final Index<Program> programsByInode = programs.index(Program::inode);

  /** Programs by the mount that they run from. */
  public final Index<Program> programsByMount = programs.index(p -> p.place().mount());

  public final Table<AutoReap> autoReaps = tables.table(Tables.AUTO_REAPS);
  public final Table<ResourceLimit> resourceLimits = tables.table(Tables.RESOURCE_LIMITS);
  public final Index<ResourceLimit> resourceLimitsByGroup =
      resourceLimits.index(ResourceLimit::group);
  public final Table<CgroupCoredump> cgroupCoredumps = tables.table(Tables.CGROUP_COREDUMPS);
  public final Table<FileOpener> fileOpeners = tables.table(Tables.FILE_OPENERS);
  public final Table<CgroupNotified> cgroupNotified = tables.table(Tables.CGROUP_NOTIFIED);
  public final Table<CgroupLimit> cgroupLimits = tables.table(Tables.CGROUP_LIMITS);
  public final Index<CgroupLimit> cgroupLimitsByCgroup = cgroupLimits.index(CgroupLimit::cgroup);
  public final Table<JobState> jobStates = tables.table(Tables.JOB_STATES);
  public final Table<CgroupSettings> cgroupSettings = tables.table(Tables.CGROUP_SETTINGS);
  public final Table<NamespaceName> namespaceNames = tables.table(Tables.NAMESPACE_NAMES);
  public final Table<CgroupEventCount> cgroupEvents = tables.table(Tables.CGROUP_EVENTS);
  public final Table<CgroupEventCount> cgroupEventsSeen = tables.table(Tables.CGROUP_EVENTS_SEEN);
  public final Table<MountsTold> mountsTold = tables.table(Tables.MOUNTS_TOLD);
  public final Table<PidTimes> pidTimes = tables.table(Tables.PID_TIMES);
  public final Table<Notice> notices = tables.table(Tables.NOTICES);
  public final Table<RightsFilter> rightsFilters = tables.table(Tables.RIGHTS_FILTERS);
  public final Table<FanotifyGroup> fanotifyGroups = tables.table(Tables.FANOTIFY_GROUPS);
  public final Table<MountMark> mountMarks = tables.table(Tables.MOUNT_MARKS);
  public final Index<MountMark> mountMarksByGroup = mountMarks.index(MountMark::group);
  public final Index<MountMark> mountMarksByNamespace = mountMarks.index(MountMark::namespace);
  public final Table<MountEvent> mountEvents = tables.table(Tables.MOUNT_EVENTS);
  public final Index<MountEvent> mountEventsByGroup = mountEvents.index(MountEvent::group);
  public final Table<BinfmtInstance> binfmtInstances = tables.table(Tables.BINFMT_INSTANCES);
  public final Table<BinfmtEntry> binfmtEntries = tables.table(Tables.BINFMT_ENTRIES);
  public final Index<BinfmtEntry> binfmtByInstance = binfmtEntries.index(BinfmtEntry::instance);
  public final Table<QuotaTypes> quotaTypes = tables.table(Tables.QUOTA_TYPES);
  public final Table<QuotaLimits> quotaLimits = tables.table(Tables.QUOTA_LIMITS);
  public final Index<QuotaLimits> quotaByDevice = quotaLimits.index(QuotaLimits::device);
  public final Table<OverlayLayer> overlayLayers = tables.table(Tables.OVERLAY_LAYERS);
  public final Index<OverlayLayer> overlayLayersBySuperblock =
      overlayLayers.index(OverlayLayer::superblock);
  public final Table<OverlayEntry> overlayEntries = tables.table(Tables.OVERLAY_ENTRIES);
  public final Table<Ring> rings = tables.table(Tables.RINGS);
  public final Table<RingFile> ringFiles = tables.table(Tables.RING_FILES);
  public final Index<RingFile> ringFilesByRing = ringFiles.index(RingFile::ring);
  public final Index<RingFile> ringFilesByDescription = ringFiles.index(RingFile::description);
  public final Table<RingRequest> ringRequests = tables.table(Tables.RING_REQUESTS);
  public final Index<RingRequest> ringRequestsByRing = ringRequests.index(RingRequest::ring);
  public final Index<RingRequest> ringRequestsByLock = ringRequests.index(RingRequest::lock);
  public final Table<NetInterface> netInterfaces = tables.table(Tables.NET_INTERFACES);
  public final Index<NetInterface> netInterfacesByNs = netInterfaces.index(NetInterface::netNs);
  public final Table<Route> routes = tables.table(Tables.ROUTES);
  public final Index<Route> routesByNs = routes.index(Route::netNs);
  public final Table<TimeOffsets> timeOffsets = tables.table(Tables.TIME_OFFSETS);
  public final Table<PacketSource> packetSources = tables.table(Tables.PACKET_SOURCES);
  public final Table<InetSocket> inetSockets = tables.table(Tables.INET_SOCKETS);
  public final Table<LsmRule> lsmRules = tables.table(Tables.LSM_RULES);
  public final Table<InotifyInstance> inotifyInstances = tables.table(Tables.INOTIFY_INSTANCES);
  public final Table<InotifyWatch> watches = tables.table(Tables.INOTIFY_WATCHES);
  public final Index<InotifyWatch> watchesByInode = watches.index(InotifyWatch::inode);
  public final Index<InotifyWatch> watchesByInstance = watches.index(InotifyWatch::instance);
  public final Table<InotifyEvent> inotifyEvents = tables.table(Tables.INOTIFY_EVENTS);

  /** Queue of an instance, oldest first. */
  public final Index<InotifyEvent> inotifyQueue = inotifyEvents.index(InotifyEvent::instance);

  public final Table<FileContent> contents = tables.table(Tables.CONTENTS);
  public final Table<EpollItem> epollItems = tables.table(Tables.EPOLL_ITEMS);
  public final Index<EpollItem> epollItemsByInstance = epollItems.index(EpollItem::epoll);
  public final Index<EpollItem> epollItemsByFile = epollItems.index(EpollItem::file);
  public final Table<SignalOwner> signalOwners = tables.table(Tables.SIGNAL_OWNERS);
  public final Table<Seals> seals = tables.table(Tables.SEALS);
  public final Table<PipeSize> pipeSizes = tables.table(Tables.PIPE_SIZES);
  public final Table<EventCounter> eventCounters = tables.table(Tables.EVENT_COUNTERS);
  public final Table<UpgradeMask> upgradeMasks = tables.table(Tables.UPGRADE_MASKS);
  public final Table<FdTrail> fdTrails = tables.table(Tables.FD_TRAILS);
  public final Table<Timer> timers = tables.table(Tables.TIMERS);
  public final Table<SlowFilesystem> slowFilesystems = tables.table(Tables.SLOW_FILESYSTEMS);
  public final Table<PendingRelease> pendingReleases = tables.table(Tables.PENDING_RELEASES);

  /** Of each real user id, plus one. */
  public final Index<PendingRelease> pendingReleasesByUser =
      pendingReleases.index(r -> r.asynchronous() ? r.user() + 1L : 0);

  public final Table<Xattr> xattrs = tables.table(Tables.XATTRS);

  /** Extended attributes of an inode, in the order they were first set. */
  public final Index<Xattr> xattrsByInode = xattrs.index(Xattr::inode);

  public final Table<PidExit> pidExits = tables.table(Tables.PID_EXITS);

  public final Table<Socket> sockets = tables.table(Tables.SOCKETS);
  public final Table<SocketMessage> messages = tables.table(Tables.MESSAGES);
  public final Table<InFlight> inFlight = tables.table(Tables.IN_FLIGHT);

  public final Table<FsContext> fsContexts = tables.table(Tables.FS_CONTEXTS);
  public final Index<FsContext> fsContextsBySuperblock = fsContexts.index(FsContext::superblock);

  public final Table<BlockDevice> blockDevices = tables.table(Tables.BLOCK_DEVICES);

  /** Block devices by {@link #pair} of major and minor number: compare what it gives. */
  public final Index<BlockDevice> blockDevicesByNumber =
      blockDevices.index(d -> pair(d.major() + 1L, d.minor()));

  public final Index<BlockDevice> blockDevicesByInstance =
      blockDevices.index(BlockDevice::instance);
  public final Table<LoopBinding> loopBindings = tables.table(Tables.LOOP_BINDINGS);
  public final Index<LoopBinding> loopBindingsByBacking = loopBindings.index(LoopBinding::backing);
  public final Index<LoopBinding> loopBindingsByInode = loopBindings.index(LoopBinding::inode);
  public final Table<BlockHandle> blockHandles = tables.table(Tables.BLOCK_HANDLES);
  public final Index<BlockHandle> blockHandlesByDevice = blockHandles.index(BlockHandle::device);
  public final Table<DiskImage> diskImages = tables.table(Tables.DISK_IMAGES);
  public final Index<DiskImage> diskImagesByCarrier = diskImages.index(DiskImage::carrier);
  public final Table<Blob> blobs = tables.table(Tables.BLOBS);
  public final Table<DeviceProgram> devicePrograms = tables.table(Tables.DEVICE_PROGRAMS);
  public final Table<DevicePolicy> devicePolicies = tables.table(Tables.DEVICE_POLICIES);
  public final Index<DevicePolicy> devicePoliciesByCgroup =
      devicePolicies.index(DevicePolicy::cgroup);
  public final Table<Key> keys = tables.table(Tables.KEYS);
  public final Index<Key> keysBySerial = keys.index(Key::serial);
  public final Index<Key> keysByKeyring = keys.index(Key::keyring);
  public final Table<MappedDevice> mappedDevices = tables.table(Tables.MAPPED_DEVICES);
  public final Table<MappedTable> mappedTables = tables.table(Tables.MAPPED_TABLES);
  public final Table<FsDevice> fsDevices = tables.table(Tables.FS_DEVICES);

  /** Tasks by number in the tracer's pid namespace. */
  public final Index<Task> tasksByTid = tasks.index(Task::tid);

  public final Index<Task> tasksByGroup = tasks.index(Task::group);
  public final Index<Task> tasksByFiles = tasks.index(Task::files);
  public final Index<Task> tasksByFs = tasks.index(Task::fs);
  public final Index<Task> tasksByCgroup = tasks.index(Task::cgroup);
  public final Index<Task> tasksByMountNs = tasks.index(t -> t.namespaces().mount());
  public final Index<Task> tasksByPid = tasks.index(Task::pid);

  /** Holders of numbers by their deepest namespace and the number there: {@link #pair}. */
  public final Index<Pid> pidsByNumber =
      pids.index(p -> pair(p.namespace(), p.numbers().getLast()));

  public final Index<Pid> pidsByNamespace = pids.index(Pid::namespace);

  /** Holders of numbers by number in the tracer's pid namespace, level 0. */
  public final Index<Pid> pidsByTracerNumber = pids.index(p -> p.numbers().getFirst());

  public final Index<FsStruct> fsByRootMount = fs.index(f -> f.root().mount());
  public final Index<FsStruct> fsByCwdMount = fs.index(f -> f.cwd().mount());

  /** Children of a process, oldest first. */
  public final Index<ThreadGroup> groupsByParent =
      groups.index(ThreadGroup::parent, ThreadGroup::childOrder);

  public final Index<ThreadGroup> groupsByTgid = groups.index(ThreadGroup::tgid);
  public final Index<ThreadGroup> groupsByProcessGroup = groups.index(ThreadGroup::processGroup);
  public final Index<ThreadGroup> groupsBySession = groups.index(ThreadGroup::session);

  /** Slots of an fd table, by number. */
  public final Index<FdSlot> fdsByTable = fds.index(FdSlot::table);

  public final Index<FdSlot> fdsByDescription = fds.index(FdSlot::description);
  public final Index<OpenFileDescription> descriptionsByInode =
      descriptions.index(OpenFileDescription::inode);
  public final Index<OpenFileDescription> descriptionsByMount =
      descriptions.index(d -> d.place().mount());

  /** Descriptors whose last close dissolves a detached tree, by its namespace. */
  public final Index<OpenFileDescription> descriptionsByOwnedMount =
      descriptions.index(OpenFileDescription::ownsMount);

  public final Index<OpenFileDescription> descriptionsByObject =
      descriptions.index(OpenFileDescription::object);

  /** Live names by {@link Dentry#nameGroup}: compare parent and name of what it gives. */
  public final Index<Dentry> dentriesByName =
      dentries.index(
          d -> d.deleted() || d.parent() == 0 ? 0 : Dentry.nameGroup(d.parent(), d.name()));

  /** Names of a directory that are not deleted, negative ones included. */
  public final Index<Dentry> dentriesByParent = dentries.index(d -> d.deleted() ? 0 : d.parent());

  public final Index<Dentry> dentriesByInode = dentries.index(Dentry::inode);
  public final Index<Inode> inodesByNumber =
      inodes.index(i -> i.number() == 0 ? 0 : pair(i.superblock(), i.number()));

  public final Index<Inode> inodesBySuperblock = inodes.index(Inode::superblock);
  public final Index<Dentry> dentriesBySuperblock = dentries.index(Dentry::superblock);

  /** Children of a mount, in the order they were attached. */
  public final Index<Mount> mountsByParent = mounts.index(Mount::parent, Mount::order);

  /** What is mounted on a dentry of a mount: group {@link #pair}(parent, mountpoint). */
  public final Index<Mount> mountsByPlace =
      mounts.index(m -> m.parent() == 0 ? 0 : pair(m.parent(), m.mountpoint()));

  /** Mounts on a dentry, in any parent. */
  public final Index<Mount> mountsByMountpoint =
      mounts.index(m -> m.parent() == 0 ? 0 : m.mountpoint());

  /** Mounts by their idmapping. */
  public final Index<Mount> mountsByIdmap = mounts.index(Mount::idmap);

  /** Mounts by the dentry that is their root. */
  public final Index<Mount> mountsByRoot = mounts.index(Mount::root);

  /** Mounts of a namespace, in creation order, which is mountinfo's. */
  public final Index<Mount> mountsByNamespace = mounts.index(Mount::namespace, Mount::uniqueId);

  public final Index<Mount> mountsByPeerGroup = mounts.index(Mount::peerGroup);

  /** Slaves of a mount, in the order of the kernel's list. */
  public final Index<Mount> mountsByMaster = mounts.index(Mount::master, Mount::slaveOrder);

  public final Index<Mount> mountsBySuperblock = mounts.index(Mount::superblock);
  public final Index<Mount> mountsById = mounts.index(Mount::id);
  public final Index<Mount> mountsByUniqueId = mounts.index(Mount::uniqueId);
  public final Index<Superblock> superblocksByDevice =
      superblocks.index(s -> pair(s.major() + 1L, s.minor()));

  /** Superblocks by the user namespace that owns them (s_user_ns). */
  public final Index<Superblock> superblocksByUserNs = superblocks.index(Superblock::userNs);

  public final Index<Namespace> namespacesByInode = namespaces.index(Namespace::inode);
  public final Index<Namespace> namespacesByOwner = namespaces.index(Namespace::owner);
  public final Index<Namespace> namespacesByKind = namespaces.index(n -> n.kind().ordinal() + 1L);
  public final Index<Cgroup> cgroupsByParent = cgroups.index(c -> c.removed() ? 0 : c.parent());
  public final Index<Cgroup> cgroupsByDirectory = cgroups.index(Cgroup::directory);

  /** Locks of an inode, in the order of the kernel's lists; requests that wait are among them. */
  public final Index<FileLock> locksByInode = locks.index(FileLock::inode, FileLock::order);

  public final Index<FileLock> locksByOwner = locks.index(FileLock::owner);
  public final Index<FileLock> locksByBlocker = locks.index(FileLock::blocker, FileLock::order);
  public final Index<FileLock> locksByTask = locks.index(FileLock::task);

  /** Granted ones of flock(2), in the order of their grants. */
  public final Index<FileLock> flocksByInode =
      locks.index(
          l -> l.type() == FileLock.Type.FLOCK && !l.waiting() ? l.inode() : 0, FileLock::order);

  /** Granted record locks of one owner on one inode: a {@link #pair}. They do not overlap. */
  public final Index<FileLock> rangesByOwner =
      locks.index(l -> l.grantedRange() ? pair(l.inode(), l.owner()) : 0, FileLock::start);

  /** Granted exclusive record locks: of all owners together they do not overlap. */
  public final Index<FileLock> writeRangesByInode =
      locks.index(
          l -> l.grantedRange() && l.mode() == FileLock.Mode.WRITE ? l.inode() : 0,
          FileLock::start);

  /** Granted shared record locks, by their first byte. */
  public final Index<FileLock> readRangesByStart =
      locks.index(
          l -> l.grantedRange() && l.mode() == FileLock.Mode.READ ? l.inode() : 0, FileLock::start);

  /** The same by their last byte. */
  public final Index<FileLock> readRangesByEnd =
      locks.index(
          l -> l.grantedRange() && l.mode() == FileLock.Mode.READ ? l.inode() : 0, FileLock::end);

  /** Requests that wait. */
  public final Index<FileLock> waitersByOwner = locks.index(l -> l.waiting() ? l.owner() : 0);

  public final Index<Socket> socketsByInode = sockets.index(Socket::inode);
  public final Index<Socket> socketsByPid = sockets.index(Socket::pid);
  public final Index<Socket> socketsByPeer = sockets.index(Socket::peer);

  /** Connections that wait to be accepted. */
  public final Index<Socket> socketsByListener = sockets.index(Socket::listener);

  /** Bound sockets by {@link Bytes#hash64} of the abstract name: compare what it gives. */
  public final Index<Socket> socketsByAbstractName =
      sockets.index(s -> s.abstractName() ? s.name().hash64() : 0);

  public final Index<Socket> socketsByBoundInode = sockets.index(Socket::boundInode);

  /** Queue of a socket. */
  public final Index<SocketMessage> messagesByPid = messages.index(SocketMessage::pid);

  public final Index<SocketMessage> messagesBySocket = messages.index(SocketMessage::socket);
  public final Index<SocketMessage> messagesBySender = messages.index(SocketMessage::sender);

  public final Index<InFlight> inFlightByMessage = inFlight.index(InFlight::message);
  public final Index<InFlight> inFlightByDescription = inFlight.index(InFlight::description);

  /** Applies a change: writes the row that it carries. Returns the row before, or null. */
  public Row apply(StateChange change, long position) {
    return tables.write(change.table(), change.key(), change.after(), position);
  }

  /** Takes an applied change back. */
  public void undo(StateChange change, Row before, long changedAt) {
    tables.undo(change.table(), change.key(), before, changedAt);
  }

  /** Position that had changed the row that the change just applied replaced; 0 if none. */
  public long replacedAt(StateChange change) {
    return tables.replacedAt(change.table());
  }

  /** All tables, by number, for stores and digests. */
  public StateTables tables() {
    return tables;
  }

  /** From now on rows that are not in memory come from {@code rows}. */
  public void attach(RowSource rows) {
    tables.attach(rows);
  }

  /** The row of a table that is known only by its id. */
  public <V extends Row> V row(TableId<V> table, long key) {
    return tables.table(table).get(key);
  }

  /**
   * The live task with this number in the tracer's pid namespace, or null; of several the newest.
   */
  public Task task(int tid) {
    return tasksByTid.last(tid);
  }

  /** The slot of an fd, or null. */
  public FdSlot fd(long table, int number) {
    return number < 0 ? null : fds.get(FdSlot.key(table, number));
  }

  /** The live dentry with this name, negative ones included, or null if the ledger knows none. */
  public Dentry child(long parent, Bytes name) {
    long group = Dentry.nameGroup(parent, name);
    for (int i = 0, n = dentriesByName.count(group); i < n; i++) {
      Dentry dentry = dentries.get(dentriesByName.keyAt(group, i));
      if (dentry.parent() == parent && dentry.name().equals(name)) {
        return dentry;
      }
    }
    return null;
  }

  /** The mount on exactly this dentry of this mount, or null. */
  public Mount mountAt(long parent, long dentry) {
    long group = pair(parent, dentry);
    for (int i = 0, n = mountsByPlace.count(group); i < n; i++) {
      Mount mount = mounts.get(mountsByPlace.keyAt(group, i));
      if (mount.parent() == parent && mount.mountpoint() == dentry) {
        return mount;
      }
    }
    return null;
  }

  /** Last value of a generator; 0 if it never gave one. */
  public long counter(CounterId id) {
    Counter counter = counters.get(id.key());
    return counter == null ? 0 : counter.value();
  }

  /** A group key for two values; different pairs may share one, so compare what the index gives. */
  public static long pair(long a, long b) {
    long h = a * 0x9E3779B97F4A7C15L ^ (b + 0x7F4A7C15L) * 0xC2B2AE3D27D4EB4FL;
    return h == 0 ? 1 : h;
  }
}

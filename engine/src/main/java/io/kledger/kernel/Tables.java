package io.kledger.kernel;

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
import io.kledger.store.Row;
import io.kledger.store.TableId;
import java.util.List;

/** Every table of the state. Numbers are stored: never change one, never use one again. */
public final class Tables {
  public static final TableId<Counter> COUNTERS = new TableId<>(1, "counters", Counter.class);
  public static final TableId<Task> TASKS = new TableId<>(2, "tasks", Task.class);
  public static final TableId<ThreadGroup> GROUPS =
      new TableId<>(3, "thread groups", ThreadGroup.class);
  public static final TableId<Pid> PIDS = new TableId<>(4, "pids", Pid.class);
  public static final TableId<FsStruct> FS = new TableId<>(5, "fs", FsStruct.class);
  public static final TableId<FdTable> FD_TABLES = new TableId<>(6, "fd tables", FdTable.class);
  public static final TableId<FdSlot> FDS = new TableId<>(7, "fds", FdSlot.class);
  public static final TableId<OpenFileDescription> DESCRIPTIONS =
      new TableId<>(8, "open file descriptions", OpenFileDescription.class);
  public static final TableId<Inode> INODES = new TableId<>(9, "inodes", Inode.class);
  public static final TableId<Dentry> DENTRIES = new TableId<>(10, "dentries", Dentry.class);
  public static final TableId<Superblock> SUPERBLOCKS =
      new TableId<>(11, "superblocks", Superblock.class);
  public static final TableId<Mount> MOUNTS = new TableId<>(12, "mounts", Mount.class);
  public static final TableId<Namespace> NAMESPACES =
      new TableId<>(13, "namespaces", Namespace.class);
  public static final TableId<UserNamespace> USER_NAMESPACES =
      new TableId<>(14, "user namespaces", UserNamespace.class);
  public static final TableId<Cgroup> CGROUPS = new TableId<>(15, "cgroups", Cgroup.class);
  public static final TableId<FileLock> LOCKS = new TableId<>(16, "locks", FileLock.class);
  public static final TableId<PendingCall> PENDING =
      new TableId<>(17, "pending calls", PendingCall.class);

  public static final TableId<Machine> MACHINE = new TableId<>(18, "machine", Machine.class);

  public static final TableId<Socket> SOCKETS = new TableId<>(20, "sockets", Socket.class);
  public static final TableId<SocketMessage> MESSAGES =
      new TableId<>(21, "socket messages", SocketMessage.class);
  public static final TableId<InFlight> IN_FLIGHT =
      new TableId<>(22, "descriptions in flight", InFlight.class);

  public static final TableId<PidCounter> PID_COUNTERS =
      new TableId<>(40, "pid counters", PidCounter.class);
  public static final TableId<TaskSettings> TASK_SETTINGS =
      new TableId<>(41, "task settings", TaskSettings.class);
  public static final TableId<NamespaceName> NAMESPACE_NAMES =
      new TableId<>(42, "namespace names", NamespaceName.class);

  public static final TableId<CgroupEventCount> CGROUP_EVENTS =
      new TableId<>(45, "changes of cgroup.events", CgroupEventCount.class);
  public static final TableId<CgroupEventCount> CGROUP_EVENTS_SEEN =
      new TableId<>(46, "changes of cgroup.events seen", CgroupEventCount.class);
  public static final TableId<MountsTold> MOUNTS_TOLD =
      new TableId<>(140, "changes of mounts told", MountsTold.class);
  public static final TableId<PidTimes> PID_TIMES =
      new TableId<>(47, "times of tasks", PidTimes.class);
  public static final TableId<Notice> NOTICES = new TableId<>(48, "notices", Notice.class);
  public static final TableId<RightsFilter> RIGHTS_FILTERS =
      new TableId<>(80, "rights filters", RightsFilter.class);
  public static final TableId<FanotifyGroup> FANOTIFY_GROUPS =
      new TableId<>(61, "fanotify groups", FanotifyGroup.class);
  public static final TableId<MountMark> MOUNT_MARKS =
      new TableId<>(62, "mount marks", MountMark.class);
  public static final TableId<MountEvent> MOUNT_EVENTS =
      new TableId<>(63, "mount events", MountEvent.class);
  public static final TableId<BinfmtInstance> BINFMT_INSTANCES =
      new TableId<>(64, "binfmt instances", BinfmtInstance.class);
  public static final TableId<BinfmtEntry> BINFMT_ENTRIES =
      new TableId<>(65, "binfmt entries", BinfmtEntry.class);
  public static final TableId<QuotaTypes> QUOTA_TYPES =
      new TableId<>(66, "quota types", QuotaTypes.class);
  public static final TableId<QuotaLimits> QUOTA_LIMITS =
      new TableId<>(67, "quota limits", QuotaLimits.class);
  public static final TableId<OverlayLayer> OVERLAY_LAYERS =
      new TableId<>(68, "overlay layers", OverlayLayer.class);
  public static final TableId<OverlayEntry> OVERLAY_ENTRIES =
      new TableId<>(69, "overlay entries", OverlayEntry.class);
  public static final TableId<RingRequest> RING_REQUESTS =
      new TableId<>(84, "ring requests", RingRequest.class);
  public static final TableId<NetInterface> NET_INTERFACES =
      new TableId<>(81, "network interfaces", NetInterface.class);
  public static final TableId<Route> ROUTES = new TableId<>(82, "routes", Route.class);
  public static final TableId<TimeOffsets> TIME_OFFSETS =
      new TableId<>(121, "offsets of time namespaces", TimeOffsets.class);
  public static final TableId<PacketSource> PACKET_SOURCES =
      new TableId<>(120, "sources of datagrams", PacketSource.class);
  public static final TableId<InetSocket> INET_SOCKETS =
      new TableId<>(83, "inet sockets", InetSocket.class);
  public static final TableId<LsmRule> LSM_RULES = new TableId<>(49, "lsm rules", LsmRule.class);
  public static final TableId<InotifyInstance> INOTIFY_INSTANCES =
      new TableId<>(71, "inotify instances", InotifyInstance.class);
  public static final TableId<InotifyWatch> INOTIFY_WATCHES =
      new TableId<>(72, "inotify watches", InotifyWatch.class);
  public static final TableId<InotifyEvent> INOTIFY_EVENTS =
      new TableId<>(73, "inotify events", InotifyEvent.class);
  public static final TableId<FileContent> CONTENTS =
      new TableId<>(74, "file contents", FileContent.class);
  public static final TableId<UpgradeMask> UPGRADE_MASKS =
      new TableId<>(75, "upgrade masks", UpgradeMask.class);
  public static final TableId<FdTrail> FD_TRAILS =
      new TableId<>(79, "trails of descriptors", FdTrail.class);
  public static final TableId<Timer> TIMERS = new TableId<>(76, "timers", Timer.class);
  public static final TableId<SlowFilesystem> SLOW_FILESYSTEMS =
      new TableId<>(77, "filesystems that do not answer", SlowFilesystem.class);
  public static final TableId<PendingRelease> PENDING_RELEASES =
      new TableId<>(78, "pending releases", PendingRelease.class);
  public static final TableId<Xattr> XATTRS = new TableId<>(70, "extended attributes", Xattr.class);
  public static final TableId<PidExit> PID_EXITS =
      new TableId<>(44, "exits of reaped tasks", PidExit.class);

  public static final TableId<FsContext> FS_CONTEXTS =
      new TableId<>(60, "filesystem contexts", FsContext.class);
  public static final TableId<CgroupSettings> CGROUP_SETTINGS =
      new TableId<>(43, "cgroup settings", CgroupSettings.class);

  public static final TableId<BlockDevice> BLOCK_DEVICES =
      new TableId<>(90, "block devices", BlockDevice.class);
  public static final TableId<LoopBinding> LOOP_BINDINGS =
      new TableId<>(91, "bound loop devices", LoopBinding.class);
  public static final TableId<BlockHandle> BLOCK_HANDLES =
      new TableId<>(92, "open block devices", BlockHandle.class);
  public static final TableId<DiskImage> DISK_IMAGES =
      new TableId<>(93, "filesystems on devices", DiskImage.class);
  public static final TableId<FsDevice> FS_DEVICES =
      new TableId<>(94, "devices of filesystem contexts", FsDevice.class);

  public static final TableId<DeviceProgram> DEVICE_PROGRAMS =
      new TableId<>(95, "device programs", DeviceProgram.class);
  public static final TableId<DevicePolicy> DEVICE_POLICIES =
      new TableId<>(96, "device policies", DevicePolicy.class);
  public static final TableId<Key> KEYS = new TableId<>(97, "keys", Key.class);
  public static final TableId<MappedDevice> MAPPED_DEVICES =
      new TableId<>(98, "mapped devices", MappedDevice.class);
  public static final TableId<MappedTable> MAPPED_TABLES =
      new TableId<>(99, "tables of mapped devices", MappedTable.class);

  public static final TableId<Blob> BLOBS = new TableId<>(100, "blobs", Blob.class);

  public static final TableId<Program> PROGRAMS =
      new TableId<>(51, "programs of processes", Program.class);
  public static final TableId<AutoReap> AUTO_REAPS =
      new TableId<>(52, "processes that leave no zombie", AutoReap.class);
  public static final TableId<ResourceLimit> RESOURCE_LIMITS =
      new TableId<>(53, "resource limits", ResourceLimit.class);
  public static final TableId<CgroupCoredump> CGROUP_COREDUMPS =
      new TableId<>(54, "core dumps of cgroups", CgroupCoredump.class);

  public static final TableId<FileOpener> FILE_OPENERS =
      new TableId<>(55, "openers of control files", FileOpener.class);
  public static final TableId<CgroupNotified> CGROUP_NOTIFIED =
      new TableId<>(56, "notifications of cgroup.events", CgroupNotified.class);
  public static final TableId<CgroupLimit> CGROUP_LIMITS =
      new TableId<>(122, "limits of controllers", CgroupLimit.class);
  public static final TableId<JobState> JOB_STATES =
      new TableId<>(123, "stopped processes", JobState.class);

  public static final TableId<EpollItem> EPOLL_ITEMS =
      new TableId<>(110, "epoll items", EpollItem.class);
  public static final TableId<SignalOwner> SIGNAL_OWNERS =
      new TableId<>(111, "owners of signals", SignalOwner.class);
  public static final TableId<Seals> SEALS = new TableId<>(112, "seals", Seals.class);
  public static final TableId<PipeSize> PIPE_SIZES =
      new TableId<>(113, "sizes of pipes", PipeSize.class);
  public static final TableId<EventCounter> EVENT_COUNTERS =
      new TableId<>(114, "counters of eventfds", EventCounter.class);
  public static final TableId<Ring> RINGS = new TableId<>(115, "rings", Ring.class);
  public static final TableId<RingFile> RING_FILES =
      new TableId<>(116, "files of rings", RingFile.class);

  /** All tables, by number. */
  public static final List<TableId<? extends Row>> ALL =
      List.of(
          COUNTERS,
          TASKS,
          GROUPS,
          PIDS,
          FS,
          FD_TABLES,
          FDS,
          DESCRIPTIONS,
          INODES,
          DENTRIES,
          SUPERBLOCKS,
          MOUNTS,
          NAMESPACES,
          USER_NAMESPACES,
          CGROUPS,
          LOCKS,
          PENDING,
          MACHINE,
          SOCKETS,
          MESSAGES,
          IN_FLIGHT,
          PID_COUNTERS,
          TASK_SETTINGS,
          NAMESPACE_NAMES,
          CGROUP_SETTINGS,
          NOTICES,
          RIGHTS_FILTERS,
          FANOTIFY_GROUPS,
          MOUNT_MARKS,
          MOUNT_EVENTS,
          BINFMT_INSTANCES,
          BINFMT_ENTRIES,
          QUOTA_TYPES,
          QUOTA_LIMITS,
          OVERLAY_LAYERS,
          OVERLAY_ENTRIES,
          RING_REQUESTS,
          NET_INTERFACES,
          ROUTES,
          INET_SOCKETS,
          PACKET_SOURCES,
          TIME_OFFSETS,
          LSM_RULES,
          XATTRS,
          CONTENTS,
          UPGRADE_MASKS,
          TIMERS,
          FD_TRAILS,
          SLOW_FILESYSTEMS,
          PENDING_RELEASES,
          INOTIFY_INSTANCES,
          INOTIFY_WATCHES,
          INOTIFY_EVENTS,
          PID_EXITS,
          PID_TIMES,
          CGROUP_EVENTS,
          CGROUP_EVENTS_SEEN,
          MOUNTS_TOLD,
          PROGRAMS,
          AUTO_REAPS,
          RESOURCE_LIMITS,
          CGROUP_COREDUMPS,
          FILE_OPENERS,
          CGROUP_NOTIFIED,
          CGROUP_LIMITS,
          JOB_STATES,
          FS_CONTEXTS,
          BLOCK_DEVICES,
          LOOP_BINDINGS,
          BLOCK_HANDLES,
          DISK_IMAGES,
          FS_DEVICES,
          DEVICE_PROGRAMS,
          DEVICE_POLICIES,
          KEYS,
          MAPPED_DEVICES,
          MAPPED_TABLES,
          BLOBS,
          EPOLL_ITEMS,
          SIGNAL_OWNERS,
          SEALS,
          PIPE_SIZES,
          EVENT_COUNTERS,
          RINGS,
          RING_FILES);

  private Tables() {}
}

package io.kledger.engine.environment;

import io.kledger.engine.CallContext;
import io.kledger.engine.cgroup.CgroupFs;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.engine.observe.CgroupObservation;
import io.kledger.engine.task.Signals;
import io.kledger.event.Bytes;
import io.kledger.event.avro.ModelMachine;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FdTable;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.PidCounter;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;
import java.util.List;

/** The model machine as it boots; see the scenario format. */
final class ModelMachineStart {
  private static final List<String> DIRECTORIES =
      List.of(
          "/bin",
          "/boot",
          "/dev",
          "/etc",
          "/home",
          "/lib",
          "/media",
          "/mnt",
          "/opt",
          "/proc",
          "/root",
          "/run",
          "/sbin",
          "/srv",
          "/sys",
          "/tmp",
          "/usr",
          "/usr/bin",
          "/usr/lib",
          "/var",
          "/var/lib",
          "/var/log",
          "/var/tmp");

  /** MS_RELATIME. */
  private static final long RELATIME = 1L << 21;

  /** Last 64-bit mount id before those that are given out (MNT_UNIQUE_ID_OFFSET is 2^31). */
  private static final long BEFORE_FIRST_MOUNT = (1L << 31) - 1;

  private final CallContext context;
  private final long user;
  private final Namespace mountNs;
  private int anonymousMinor = 20;

  private ModelMachineStart(CallContext context) {
    this.context = context;
    this.user = NamespaceRows.boot(context, NamespaceKind.USER, 0).key();
    this.mountNs = NamespaceRows.boot(context, NamespaceKind.MOUNT, user);
  }

  static void handle(CallContext context, ModelMachine body) {
    Machine old = context.state().machine.get(1);
    Machine machine = old == null ? Machine.unknown() : old;
    String profile = old == null ? "wishlist" : old.profile();
    context.put(
        Tables.MACHINE,
        new Machine(
            1,
            profile,
            machine.featuresOn(),
            machine.featuresOff(),
            true,
            body.getHost(),
            machine.modelVersion(),
            machine.settings()));
    context.raise(CounterId.MOUNT_UNIQUE_ID, BEFORE_FIRST_MOUNT);
    new ModelMachineStart(context).boot();
  }

  private void boot() {
    Place root = mounts();
    init(root);
  }

  private Place mounts() {
    // The namespace's own root is hidden below "/": that is what pivot_root(2) wants of a root.
    Mount hidden = mount(null, "", "rootfs", "rootfs", 0, 2);
    context.put(Tables.NAMESPACES, mountNs.withRoot(hidden.key()));
    Mount root = mount(new Place(hidden.key(), hidden.root()), "", "ext4", "/dev/vda", 254, 0);
    Place top = new Place(root.key(), root.root());
    for (String path : DIRECTORIES) {
      Paths.make(context, top, Bytes.of(path), Dcache.Spec.of(Inode.S_IFDIR | 0755, 0, 0));
    }
    String[][] others = {
      {"/proc", "proc", "proc"},
      {"/sys", "sysfs", "sysfs"},
      {"/dev", "devtmpfs", "devtmpfs"},
      {"/dev/shm", "tmpfs", "tmpfs"},
      {"/run", "tmpfs", "tmpfs"},
      {"/tmp", "tmpfs", "tmpfs"},
      {"/sys/fs/cgroup", "cgroup2", "cgroup2"},
    };
    for (String[] line : others) {
      Place on =
          Paths.make(context, top, Bytes.of(line[0]), Dcache.Spec.of(Inode.S_IFDIR | 0755, 0, 0));
      mount(on, line[0], line[1], line[2], 0, anonymousMinor++);
    }
    Dcache.Spec device = Dcache.Spec.of(Inode.S_IFCHR | 0666, 0, 0);
    Paths.make(context, top, Bytes.of("/dev/null"), node(device, 3));
    Paths.make(context, top, Bytes.of("/dev/zero"), node(device, 5));
    return top;
  }

  private static Dcache.Spec node(Dcache.Spec spec, int minor) {
    return new Dcache.Spec(spec.mode(), 0, 0, 1, minor, Bytes.EMPTY);
  }

  private Mount mount(Place on, String path, String type, String source, int major, int minor) {
    long key = context.newKey();
    int mode = Inode.S_IFDIR | (path.equals("/tmp") || path.equals("/dev/shm") ? 01777 : 0755);
    Dentry root =
        Dcache.createRoot(
            context, key, Dcache.Spec.of(mode, 0, 0), type.equals("ext4") ? 2 : 1, true, false);
    Superblock superblock =
        new Superblock(
            key,
            major,
            minor,
            Bytes.of(type),
            Bytes.EMPTY,
            root.key(),
            0,
            Bytes.EMPTY,
            user,
            0,
            true);
    context.put(Tables.SUPERBLOCKS, superblock);
    if (type.equals("cgroup2")) {
      Cgroup top = CgroupObservation.at(context, Bytes.EMPTY);
      context.put(
          Tables.CGROUPS,
          new Cgroup(
              top.key(),
              0,
              top.name(),
              top.id(),
              top.subtreeControl(),
              top.type(),
              false,
              false,
              root.inode(),
              top.createdAt()));
      CgroupFs.addFiles(context, root.key(), true);
    }
    int id = (int) (context.next(CounterId.MOUNT_UNIQUE_ID) - BEFORE_FIRST_MOUNT);
    Mount mount =
        new Mount(
            context.newKey(),
            id,
            BEFORE_FIRST_MOUNT + id,
            mountNs.key(),
            on == null ? 0 : on.mount(),
            on == null ? 0 : on.dentry(),
            context.next(CounterId.ORDER),
            root.key(),
            superblock.key(),
            Bytes.of(source),
            RELATIME,
            0,
            false,
            0,
            0,
            0,
            0,
            0,
            false,
            0,
            false,
            new MountCause(MountCause.Kind.OBSERVED, 0, context.position()));
    context.put(Tables.MOUNTS, mount);
    return mount;
  }

  private void init(Place root) {
    long pidNs = NamespaceRows.boot(context, NamespaceKind.PID, user).key();
    Namespace cgroupNs = NamespaceRows.boot(context, NamespaceKind.CGROUP, user);
    Cgroup top = CgroupObservation.at(context, Bytes.EMPTY);
    context.put(Tables.NAMESPACES, cgroupNs.withRoot(top.key()));
    long time = NamespaceRows.boot(context, NamespaceKind.TIME, user).key();
    NamespaceSet namespaces =
        new NamespaceSet(
            mountNs.key(),
            pidNs,
            pidNs,
            cgroupNs.key(),
            NamespaceRows.boot(context, NamespaceKind.UTS, user).key(),
            NamespaceRows.boot(context, NamespaceKind.IPC, user).key(),
            NamespaceRows.boot(context, NamespaceKind.NET, user).key(),
            time,
            time);
    Pid pid = new Pid(context.newKey(), pidNs, List.of(1), context.next(CounterId.PID_INODE));
    context.put(Tables.PIDS, pid);
    context.put(Tables.PID_COUNTERS, new PidCounter(pidNs, 1, false));
    FsStruct fs = new FsStruct(context.newKey(), root, root, 022);
    context.put(Tables.FS, fs);
    long files = descriptors(root);
    long key = context.newKey();
    ThreadGroup group =
        new ThreadGroup(
            context.newKey(),
            1,
            key,
            0,
            0,
            context.next(CounterId.ORDER),
            pid.key(),
            pid.key(),
            Signals.CHLD,
            false,
            0,
            0,
            false,
            1024,
            4096,
            false,
            false,
            0);
    context.put(Tables.GROUPS, group);
    context.put(
        Tables.TASKS,
        new Task(
            key,
            1,
            pid.key(),
            group.key(),
            Bytes.of("init"),
            files,
            fs.key(),
            Credentials.root(user),
            namespaces,
            top.key(),
            TaskState.RUNNING,
            0,
            context.position(),
            false));
    context.put(Tables.NAMESPACES, context.state().namespaces.require(pidNs).withRoot(key));
  }

  private long descriptors(Place root) {
    KernelState state = context.state();
    Place place = Paths.find(context, root, Bytes.of("/dev/null"));
    FdTable table = new FdTable(context.newKey(), true);
    context.put(Tables.FD_TABLES, table);
    OpenFileDescription file =
        new OpenFileDescription(
            context.newKey(),
            FileKind.PATH,
            place,
            state.dentries.require(place.dentry()).inode(),
            OpenFlags.RDWR | OpenFlags.LARGEFILE,
            0,
            0,
            Bytes.EMPTY,
            0,
            0,
            context.position(),
            false);
    context.put(Tables.DESCRIPTIONS, file);
    for (int fd = 0; fd < 3; fd++) {
      context.put(
          Tables.FDS,
          new FdSlot(
              FdSlot.key(table.key(), fd), table.key(), fd, file.key(), false, context.position()));
    }
    return table.key();
  }
}

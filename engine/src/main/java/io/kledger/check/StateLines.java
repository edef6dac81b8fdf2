package io.kledger.check;

import io.kledger.event.Bytes;
import io.kledger.event.avro.FdObserved;
import io.kledger.event.avro.NamespaceObserved;
import io.kledger.event.avro.TaskObserved;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.view.Cgroups;
import io.kledger.view.Fds;
import io.kledger.view.Tasks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** Turns an observation, and the rows of the state, into the same {@link TaskLines}. */
final class StateLines {
  /** Above all inode numbers of sockets and pipes. */
  private static final long NO_NUMBER = 1L << 40;

  private static final long S_IFMT = 0170000;
  private static final long S_IFREG = 0100000;

  private StateLines() {}

  /** The task of a recording. */
  static TaskLines expected(TaskObserved task) {
    Map<String, String> namespaces = new LinkedHashMap<>();
    for (NamespaceObserved namespace : task.getNamespaces()) {
      namespaces.put(namespace.getKind(), Long.toString(namespace.getInode()));
    }
    TreeMap<Integer, TaskLines.Descriptor> fds = new TreeMap<>();
    for (FdObserved fd : task.getFds()) {
      fds.put(fd.getFd(), descriptor(fd));
    }
    return new TaskLines(
        task.getTid(),
        task.getTgid(),
        task.getPpid(),
        Bytes.of(task.getComm()).latin1(),
        task.getZombie(),
        task.getUids(),
        task.getGids(),
        task.getNspid(),
        task.getNspgid(),
        task.getNssid(),
        namespaces,
        task.getCgroup() == null ? null : Bytes.of(task.getCgroup()).latin1(),
        task.getCwd() == null ? null : Bytes.of(task.getCwd().getPath()).latin1(),
        TaskDetails.expected(task),
        fds,
        false,
        task.getZombie());
  }

  /** All tasks of a state. */
  static List<TaskLines> actual(KernelState state) {
    List<TaskLines> tasks = new ArrayList<>();
    for (Task task : Tasks.all(state)) {
      tasks.add(actual(state, task, Namespace::key));
    }
    return tasks;
  }

  /**
   * One task of a state.
   *
   * @param number what to call a namespace: its inode number may become known late, or never
   */
  static TaskLines actual(KernelState state, Task task, ToLongFunction<Namespace> number) {
    Credentials c = task.credentials();
    Map<String, String> namespaces = new LinkedHashMap<>();
    Tasks.namespaces(task)
        .forEach(
            (name, key) -> {
              Namespace row = state.namespaces.get(key);
              namespaces.put(name, row == null ? "0" : Long.toString(number.applyAsLong(row)));
            });
    TreeMap<Integer, TaskLines.Descriptor> fds = new TreeMap<>();
    for (Fds.Descriptor fd : Fds.of(state, task)) {
      fds.put(fd.slot().fd(), descriptor(state, fd, number));
    }
    Bytes cgroup = Cgroups.path(state, task.cgroup());
    Bytes cwd = cwd(state, task);
    return new TaskLines(
        task.tid(),
        Tasks.tgid(state, task),
        Tasks.ppid(state, task),
        task.comm().latin1(),
        task.state() == TaskState.ZOMBIE,
        ids(c.uid(), c.euid(), c.suid(), c.fsuid()),
        ids(c.gid(), c.egid(), c.sgid(), c.fsgid()),
        longs(Tasks.numbers(state, task)),
        longs(Tasks.processGroup(state, task)),
        longs(Tasks.session(state, task)),
        namespaces,
        cgroup == null ? "?" : cgroup.latin1(),
        cwd == null ? "?" : cwd.latin1(),
        TaskDetails.actual(state, task),
        fds,
        task.inferred(),
        !task.alive());
  }

  /** The recorder looks from outside of any chroot. */
  private static Bytes cwd(KernelState state, Task task) {
    FsStruct fs = state.fs.get(task.fs());
    return fs == null || fs.cwd().dentry() == 0 ? null : PathText.fromTop(state, fs.cwd());
  }

  private static TaskLines.Descriptor descriptor(FdObserved fd) {
    boolean regular = (fd.getMode() & S_IFMT) == S_IFREG;
    List<String> locks = new ArrayList<>();
    for (ByteBuffer line : fd.getLocks()) {
      locks.add(DescriptionLocks.withoutFile(Bytes.of(line).latin1()));
    }
    return new TaskLines.Descriptor(
        Bytes.of(fd.getTarget()).latin1(),
        fd.getFlags(),
        fd.getMount(),
        regular ? fd.getPosition() : -1,
        DescriptionLocks.ofDescription(locks));
  }

  private static TaskLines.Descriptor descriptor(
      KernelState state, Fds.Descriptor fd, ToLongFunction<Namespace> number) {
    OpenFileDescription file = fd.description();
    Mount mount = state.mounts.get(file.place().mount());
    return new TaskLines.Descriptor(
        target(state, fd, number),
        fd.flags(),
        mount == null ? 0 : mount.id(),
        file.position(),
        DescriptionLocks.of(state, file));
  }

  private static String target(
      KernelState state, Fds.Descriptor fd, ToLongFunction<Namespace> number) {
    Namespace namespace =
        fd.description().kind() == FileKind.NAMESPACE
            ? state.namespaces.get(fd.description().object())
            : null;
    Place place = fd.description().place();
    if (namespace != null && !Fds.mounted(state, fd.description())) {
      return namespace.kind().procName() + ":[" + number.applyAsLong(namespace) + "]";
    }
    FileKind kind = fd.description().kind();
    Inode inode = state.inodes.get(fd.description().inode());
    if ((kind == FileKind.SOCKET || kind == FileKind.PIPE)
        && inode != null
        && inode.number() == 0) {
      // The trace does not tell its number: any name of its own will do.
      String name = kind == FileKind.SOCKET ? "socket" : "pipe";
      return name + ":[" + (NO_NUMBER + inode.key()) + "]";
    }
    boolean path = fd.description().name().isEmpty() && place.dentry() != 0;
    return (path ? PathText.fromTop(state, place) : fd.target()).latin1();
  }

  private static List<Long> ids(int... ids) {
    List<Long> list = new ArrayList<>();
    for (int id : ids) {
      list.add(Integer.toUnsignedLong(id));
    }
    return list;
  }

  private static List<Long> longs(List<Integer> numbers) {
    return numbers.stream().map(Integer::longValue).toList();
  }
}

package io.kledger.engine.observe;

import io.kledger.engine.CallContext;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.task.TaskBirth;
import io.kledger.event.Bytes;
import io.kledger.event.avro.NamespaceObserved;
import io.kledger.event.avro.PlaceObserved;
import io.kledger.event.avro.TaskObserved;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.file.FdTable;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.NamespaceSet;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;
import java.util.ArrayList;
import java.util.List;

/** A task that was there when the log began, as /proc/TID showed it. */
final class TaskObservation {
  private TaskObservation() {}

  static void handle(CallContext context, TaskObserved body) {
    KernelState state = context.state();
    if (state.task(body.getTid()) != null) {
      return;
    }
    int level = Math.max(0, body.getNspid().size() - 1);
    NamespaceSet namespaces = namespaces(context, body, level);
    Pid pid = holder(context, namespaces.pid(), numbers(body.getNspid(), body.getTid()));
    long key = context.newKey();
    Task sharer = body.getFdsSharedWith() == 0 ? null : state.task(body.getFdsSharedWith());
    long files = sharer != null ? sharer.files() : table(context, body);
    Task task =
        new Task(
            key,
            body.getTid(),
            pid.key(),
            group(context, body, namespaces.pid(), key).key(),
            Bytes.of(body.getComm()),
            files,
            fs(context, body, namespaces.mount()),
            credentials(context, body),
            namespaces,
            CgroupObservation.at(
                    context, body.getCgroup() == null ? Bytes.EMPTY : Bytes.of(body.getCgroup()))
                .key(),
            body.getZombie() ? TaskState.ZOMBIE : TaskState.RUNNING,
            0,
            context.position(),
            false);
    context.emit(new TaskChange.Forked(task, 0));
    Namespace own = state.namespaces.get(namespaces.pid());
    if (own != null && own.level() > 0 && pid.at(own.level()) == 1) {
      context.put(Tables.NAMESPACES, own.withRoot(key));
    }
    if (sharer == null && files != 0) {
      ObservedFiles.install(context, task, body.getFds());
    }
  }

  private static List<Integer> numbers(List<Long> observed, int tid) {
    List<Integer> numbers = new ArrayList<>();
    observed.forEach(n -> numbers.add(n.intValue()));
    return numbers.isEmpty() ? List.of(tid) : numbers;
  }

  /** The holder of numbers, which another task may already have as its group or session. */
  private static Pid holder(CallContext context, long namespace, List<Integer> numbers) {
    KernelState state = context.state();
    for (long key : state.pidsByTracerNumber.keys(numbers.getFirst())) {
      Pid pid = state.pids.get(key);
      if (pid.numbers().equals(numbers)) {
        return pid;
      }
    }
    Pid pid = new Pid(context.newKey(), namespace, numbers, context.next(CounterId.PID_INODE));
    context.put(Tables.PIDS, pid);
    Namespace ns = state.namespaces.get(namespace);
    for (int level = numbers.size() - 1; level >= 0 && ns != null; level--) {
      PidNumbers.taken(context, ns.key(), numbers.get(level));
      ns = state.namespaces.get(ns.parent());
    }
    return pid;
  }

  private static ThreadGroup group(
      CallContext context, TaskObserved body, long pidNs, long leader) {
    KernelState state = context.state();
    ThreadGroup known = state.groupsByTgid.last(body.getTgid());
    if (known != null && !known.untraced() && body.getTid() != body.getTgid()) {
      return known;
    }
    long parent = body.getPpid() == 0 ? 0 : TaskBirth.process(context, body.getPpid()).key();
    long processGroup = related(context, body.getNspgid(), pidNs);
    long session = related(context, body.getNssid(), pidNs);
    ThreadGroup group =
        new ThreadGroup(
            known == null ? context.newKey() : known.key(),
            body.getTgid(),
            leader,
            parent,
            0,
            context.next(CounterId.ORDER),
            processGroup,
            session,
            body.getExitSignal(),
            false,
            body.getSigIgnored(),
            body.getSigCaught(),
            false,
            -1,
            -1,
            false,
            false,
            0);
    context.put(Tables.GROUPS, group);
    return group;
  }

  /**
   * Holder of a process group or session; 0 in the observer's namespace: it is not visible there.
   */
  private static long related(CallContext context, List<Long> observed, long namespace) {
    if (observed.isEmpty() || observed.getFirst() == 0) {
      return 0;
    }
    return holder(context, namespace, numbers(observed, 0)).key();
  }

  private static long table(CallContext context, TaskObserved body) {
    if (body.getZombie()) {
      return 0;
    }
    // Who saw the descriptors in /proc saw the namespaces too.
    FdTable table = new FdTable(context.newKey(), !body.getNamespaces().isEmpty());
    context.put(Tables.FD_TABLES, table);
    return table.key();
  }

  private static long fs(CallContext context, TaskObserved body, long mountNs) {
    if (body.getZombie()) {
      return 0;
    }
    FsStruct fs =
        new FsStruct(
            context.newKey(),
            place(context, mountNs, body.getRoot()),
            place(context, mountNs, body.getCwd()),
            (int) body.getUmask());
    context.put(Tables.FS, fs);
    return fs.key();
  }

  private static Place place(CallContext context, long mountNs, PlaceObserved observed) {
    return observed == null
        ? Place.UNKNOWN
        : ObservedPlaces.at(
            context, mountNs, Bytes.of(observed.getPath()), Inode.S_IFDIR, observed.getIno(), 1);
  }

  private static Credentials credentials(CallContext context, TaskObserved body) {
    long user = namespace(context, body, NamespaceKind.USER, "user", 0).key();
    // What is not told is taken as for any task that is seen for the first time.
    long all = Credentials.root(user).capEffective();
    boolean untold = body.getCapEffective() < 0 && id(body.getUids(), 1) == 0;
    List<Integer> groups = new ArrayList<>();
    body.getGroups().forEach(id -> groups.add(id.intValue()));
    return new Credentials(
        id(body.getUids(), 0),
        id(body.getUids(), 1),
        id(body.getUids(), 2),
        id(body.getUids(), 3),
        id(body.getGids(), 0),
        id(body.getGids(), 1),
        id(body.getGids(), 2),
        id(body.getGids(), 3),
        groups,
        caps(body.getCapInheritable()),
        untold ? all : caps(body.getCapPermitted()),
        untold ? all : caps(body.getCapEffective()),
        untold ? all : caps(body.getCapBounding()),
        caps(body.getCapAmbient()),
        0,
        body.getNoNewPrivs(),
        user,
        body.getUids().size() == 4 && body.getGids().size() == 4 && body.getCapEffective() >= 0);
  }

  private static int id(List<Long> ids, int index) {
    return index < ids.size() ? ids.get(index).intValue() : 0;
  }

  private static long caps(long set) {
    return set < 0 ? 0 : set;
  }

  private static NamespaceSet namespaces(CallContext context, TaskObserved body, int level) {
    long pid = namespace(context, body, NamespaceKind.PID, "pid", level).key();
    boolean apart = inode(body, "pid_for_children") != inode(body, "pid");
    long time = namespace(context, body, NamespaceKind.TIME, "time", 0).key();
    return new NamespaceSet(
        namespace(context, body, NamespaceKind.MOUNT, "mnt", 0).key(),
        pid,
        namespace(context, body, NamespaceKind.PID, "pid_for_children", apart ? level + 1 : level)
            .key(),
        namespace(context, body, NamespaceKind.CGROUP, "cgroup", 0).key(),
        namespace(context, body, NamespaceKind.UTS, "uts", 0).key(),
        namespace(context, body, NamespaceKind.IPC, "ipc", 0).key(),
        namespace(context, body, NamespaceKind.NET, "net", 0).key(),
        time,
        namespace(context, body, NamespaceKind.TIME, "time_for_children", 0).key());
  }

  private static Namespace namespace(
      CallContext context, TaskObserved body, NamespaceKind kind, String name, int level) {
    return NamespaceRows.seen(context, kind, inode(body, name), level);
  }

  private static long inode(TaskObserved body, String name) {
    for (NamespaceObserved observed : body.getNamespaces()) {
      if (observed.getKind().equals(name)) {
        return observed.getInode();
      }
    }
    return 0;
  }
}

package io.kledger.engine.environment;

import io.kledger.engine.CallContext;
import io.kledger.engine.ns.Capability;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.observe.CgroupObservation;
import io.kledger.engine.task.Births;
import io.kledger.engine.task.CloneFlags;
import io.kledger.engine.task.Signals;
import io.kledger.engine.task.TaskBirth;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Environment;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.ns.UserNamespace.IdExtent;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;

/** `@task` and `@container`: tasks that exist already. */
final class TaskDirectives {
  private static final IdExtent CONTAINER_IDS = new IdExtent(0, 100000, 65536);

  private TaskDirectives() {}

  static void task(CallContext context, Environment body) {
    Words words = new Words(body);
    int tid = Integer.parseInt(words.word(0));
    KernelState state = context.state();
    Task task = state.task(tid);
    if (task == null) {
      task = born(context, words, tid);
    }
    Bytes comm = words.value("comm");
    if (comm != null) {
      task = task.withComm(comm);
    } else if (words.value("tgid") == null) {
      task = task.withComm(Bytes.of("t" + tid));
    }
    Bytes cgroup = words.value("cgroup");
    if (cgroup != null) {
      task = task.withCgroup(CgroupObservation.at(context, cgroup).key());
    }
    String mountNs = words.text("mntns", "");
    if (!mountNs.isEmpty() && !mountNs.equals("new")) {
      Task other = other(context, mountNs);
      task = task.withNamespaces(task.namespaces().withMount(other.namespaces().mount()));
      FsStruct theirs = state.fs.require(other.fs());
      FsStruct own = state.fs.require(task.fs());
      context.put(Tables.FS, own.withRoot(theirs.root()).withCwd(theirs.cwd()));
    }
    task = task.withCredentials(credentials(state, words, task.credentials()));
    context.put(Tables.TASKS, task);
    places(context, words, task);
  }

  private static Task born(CallContext context, Words words, int tid) {
    KernelState state = context.state();
    String tgid = words.text("tgid", null);
    long flags = words.text("mntns", "").equals("new") ? CloneFlags.NEWNS : 0;
    Task parent = other(context, words.text("ppid", "1"));
    if (tgid != null && Integer.parseInt(tgid) != tid) {
      parent = other(context, tgid);
      flags =
          CloneFlags.THREAD | CloneFlags.SIGHAND | CloneFlags.VM | CloneFlags.FILES | CloneFlags.FS;
    }
    String pidNs = words.text("pidns", null);
    long target =
        pidNs == null
            ? parent.namespaces().pidForChildren()
            : NamespaceDirectives.named(state, NamespaceKind.PID, pidNs);
    // The copy of the mounts belongs to the child's user namespace and is locked accordingly.
    String userNs = words.text("userns", null);
    Credentials owner =
        userNs == null
            ? parent.credentials()
            : parent
                .credentials()
                .withUserNs(NamespaceDirectives.named(state, NamespaceKind.USER, userNs));
    Task maker =
        parent
            .withNamespaces(parent.namespaces().withPidForChildren(target))
            .withCredentials(owner);
    Births.Spec spec =
        new Births.Spec(flags, Signals.CHLD, numbers(state, words, target, tid), false, 0);
    Task child = Births.create(context, maker, spec);
    Task own =
        child
            .withNamespaces(child.namespaces().withPidForChildren(child.namespaces().pid()))
            .withCredentials(parent.credentials());
    context.put(Tables.TASKS, own);
    return own;
  }

  /** `nspid=` is the innermost number. */
  private static List<Integer> numbers(KernelState state, Words words, long pidNs, int tid) {
    List<Integer> numbers = new ArrayList<>(List.of(tid));
    Namespace ns = state.namespaces.require(pidNs);
    int inner = words.number("nspid", 0);
    for (int level = 1; level <= ns.level(); level++) {
      numbers.add(level == ns.level() ? inner : 0);
    }
    return numbers;
  }

  /** A task that a directive names; to be named is a first use like any other. */
  private static Task other(CallContext context, String number) {
    int tid = Integer.parseInt(number);
    Task task = tid > 0 ? TaskBirth.find(context, tid) : null;
    if (task == null) {
      throw new DirectiveException("no task " + number);
    }
    return task;
  }

  private static void places(CallContext context, Words words, Task task) {
    Bytes root = words.value("root");
    Bytes cwd = words.value("cwd");
    KernelState state = context.state();
    if (root != null) {
      Place place = Paths.find(context, Paths.root(context), root);
      context.put(Tables.FS, state.fs.require(task.fs()).withRoot(place));
    }
    if (cwd != null) {
      Place from = state.fs.require(task.fs()).root();
      context.put(Tables.FS, state.fs.require(task.fs()).withCwd(Paths.find(context, from, cwd)));
    }
  }

  private static Credentials credentials(KernelState state, Words words, Credentials old) {
    String name = words.text("userns", null);
    long user =
        name == null ? old.userNs() : NamespaceDirectives.named(state, NamespaceKind.USER, name);
    boolean own = user != old.userNs();
    int uid = id(state, words, "uid", user, own ? 0 : -1, old.uid(), false);
    int gid = id(state, words, "gid", user, own ? 0 : -1, old.gid(), true);
    List<Integer> groups = new ArrayList<>();
    for (String word : words.text("groups", "").split(",")) {
      if (!word.isEmpty()) {
        groups.add(IdMap.toKernel(state, user, (int) Long.parseLong(word), true));
      }
    }
    long caps = caps(words.text("caps", null), words.text("uid", "0").equals("0") || uid == 0, old);
    return new Credentials(
        uid,
        uid,
        uid,
        uid,
        gid,
        gid,
        gid,
        gid,
        groups,
        0,
        caps,
        caps,
        Credentials.ALL_CAPS,
        0,
        old.secureBits(),
        old.noNewPrivs(),
        user,
        true);
  }

  /** As the task's own user namespace shows it; as seen initially where that has no map. */
  private static int id(
      KernelState state,
      Words words,
      String key,
      long user,
      int otherwise,
      int old,
      boolean group) {
    int wanted = words.number(key, otherwise);
    if (words.value(key) == null && otherwise < 0) {
      return old;
    }
    int mapped = IdMap.toKernel(state, user, wanted, group);
    return mapped == IdMap.INVALID ? words.value(key) == null ? old : wanted : mapped;
  }

  private static long caps(String words, boolean root, Credentials old) {
    if (words == null) {
      return root ? old.capEffective() : 0;
    }
    if (words.equals("all")) {
      return Credentials.ALL_CAPS;
    }
    long set = 0;
    for (String word : words.split(",")) {
      int number = Capability.number(word);
      if (number >= 0) {
        set |= 1L << number;
      } else if (!word.equals("none")) {
        throw new DirectiveException("no capability is called " + word);
      }
    }
    return set;
  }

  /** A task with a user, mount and pid namespace of its own: pid 1 there, child of task 1. */
  static void container(CallContext context, Environment body) {
    Words words = new Words(body);
    KernelState state = context.state();
    int tid = Integer.parseInt(words.word(0));
    Task init = other(context, "1");
    long flags = CloneFlags.NEWUSER | CloneFlags.NEWNS | CloneFlags.NEWPID;
    Task task =
        Births.create(
            context, init, new Births.Spec(flags, Signals.CHLD, List.of(tid, 1), false, 0));
    long user = task.credentials().userNs();
    UserNamespace row = state.userNamespaces.require(user);
    context.put(
        Tables.USER_NAMESPACES,
        new UserNamespace(
            user,
            row.ownerUid(),
            row.ownerGid(),
            List.of(CONTAINER_IDS),
            List.of(CONTAINER_IDS),
            true,
            true));
    int id = CONTAINER_IDS.outside();
    Credentials old = task.credentials();
    Credentials mapped =
        new Credentials(
            id,
            id,
            id,
            id,
            id,
            id,
            id,
            id,
            List.of(),
            0,
            old.capPermitted(),
            old.capEffective(),
            old.capBounding(),
            0,
            0,
            false,
            user,
            true);
    context.put(Tables.TASKS, task.withComm(Bytes.of("t" + tid)).withCredentials(mapped));
    for (long key : state.fdsByTable.keys(task.files())) {
      if (state.fds.require(key).fd() > 2) {
        context.remove(Tables.FDS, key);
      }
    }
  }
}

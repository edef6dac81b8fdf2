package io.kledger.view;

import io.kledger.engine.file.FdTrails;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.LoopBinding;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/** Why an object exists: from what it is, step by step, to the event that caused it. */
public final class Why {
  private static final int LONGEST = 64;

  /**
   * One step.
   *
   * @param position of the event that the step rests on; 0 if on none
   * @param text what is so, or what was done
   */
  public record Step(long position, String text) {}

  private final KernelState state;
  private final LongFunction<Mount> former;
  private final List<Step> steps = new ArrayList<>();

  private Why(KernelState state) {
    this(state, key -> null);
  }

  private Why(KernelState state, LongFunction<Mount> former) {
    this.state = state;
    this.former = former;
  }

  /**
   * The mounts at a path, the topmost first.
   *
   * @param namespace key of a mount namespace; 0 = in any
   * @param former gives a mount that is gone, as it was when it was made; null if nobody knows
   */
  public static List<Step> mount(
      KernelState state, Bytes path, long namespace, LongFunction<Mount> former) {
    Why why = new Why(state, former);
    for (Mount mount : state.mounts.rows().reversed()) {
      if (mount.namespace() != 0
          && (namespace == 0 || mount.namespace() == namespace)
          && why.point(mount).equals(path)) {
        why.mount(mount);
        if (namespace != 0) {
          break;
        }
      }
    }
    return why.steps;
  }

  private Bytes point(Mount mount) {
    return PathText.names(state, new Place(mount.key(), mount.root()), Place.UNKNOWN);
  }

  private void mount(Mount mount) {
    Namespace namespace = state.namespaces.get(mount.namespace());
    steps.add(
        new Step(
            mount.cause().position(),
            "mount %d at %s, in %s: %s"
                .formatted(mount.id(), point(mount), name(namespace), cause(mount))));
    keeps(namespace);
    long from = mount.cause().from();
    for (int i = 0; i < LONGEST && from != 0; i++) {
      Mount live = state.mounts.get(from);
      Mount row = live == null ? former.apply(from) : live;
      if (row == null) {
        steps.add(new Step(0, "  from a mount that is gone"));
        return;
      }
      steps.add(
          new Step(
              row.cause().position(),
              "  from mount %d%s: %s"
                  .formatted(
                      row.id(),
                      live == null
                          ? " (gone since)"
                          : " at %s, in %s"
                              .formatted(point(live), name(state.namespaces.get(live.namespace()))),
                      cause(row))));
      from = row.cause().from();
    }
  }

  private String name(Namespace namespace) {
    return namespace == null
        ? "no mount namespace"
        : namespace.anonymous() ? "a detached tree" : NamespaceNames.full(state, namespace);
  }

  /** What was done; where a mount was propagated, between which mounts if that still shows. */
  private String cause(Mount mount) {
    String text = cause(mount.cause().kind());
    Mount source = row(mount.cause().from());
    if (mount.cause().kind() != MountCause.Kind.PROPAGATED || source == null) {
      return text;
    }
    Mount receiver = row(mount.parent());
    Mount origin = row(source.parent());
    if (receiver == null || origin == null || receiver.key() == origin.key()) {
      return text;
    }
    if (receiver.peerGroup() != 0 && receiver.peerGroup() == origin.peerGroup()) {
      return "%s: mount %d is a peer of %d".formatted(text, receiver.id(), origin.id());
    }
    Mount master = row(receiver.master());
    for (int i = 0; i < LONGEST && master != null; i++) {
      if (master.peerGroup() == origin.peerGroup() && origin.peerGroup() != 0) {
        return "%s: mount %d is a slave of %d".formatted(text, receiver.id(), origin.id());
      }
      master = row(master.master());
    }
    return text;
  }

  private Mount row(long key) {
    return key == 0 ? null : state.mounts.get(key);
  }

  private static String cause(MountCause.Kind kind) {
    return switch (kind) {
      case OBSERVED -> "it was there when the log began";
      case NEW -> "a new mount";
      case BIND -> "a bind mount";
      case PROPAGATED -> "propagated";
      case NAMESPACE_COPY -> "copied with its namespace";
      case DETACHED -> "a detached mount";
      case INTERNAL -> "made by the kernel";
      case INFERRED -> "inferred: its making is not in the log";
    };
  }

  /** What keeps a mount namespace, and so its mounts: tasks in it, descriptors of it. */
  private void keeps(Namespace namespace) {
    if (namespace == null) {
      return;
    }
    List<String> tasks = new ArrayList<>();
    for (long key : state.tasksByMountNs.keys(namespace.key())) {
      Task task = state.tasks.get(key);
      if (task.alive()) {
        tasks.add(task.tid() + " (" + task.comm() + ")");
      }
    }
    List<Object> fds = Namespaces.pinnedBy(state, namespace.key());
    steps.add(
        new Step(
            namespace.createdAt(),
            "  kept, with its namespace, by %s%s"
                .formatted(
                    tasks.isEmpty() ? "no task" : String.join(", ", tasks),
                    fds.isEmpty() ? "" : ", descriptors " + fds)));
  }

  /** The locks on a path. */
  public static List<Step> lock(KernelState state, Bytes path) {
    Why why = new Why(state);
    for (Locks.Line line : Locks.lines(state)) {
      if (Locks.path(state, line.lock()).equals(path)) {
        why.lock(line);
      }
    }
    return why.steps;
  }

  private void lock(Locks.Line line) {
    FileLock lock = line.lock();
    Task task = state.tasks.get(lock.task());
    String who = task == null ? "task " + lock.pid() : task.tid() + " (" + task.comm() + ")";
    steps.add(
        new Step(
            lock.since(),
            "%s %s %s of %s"
                .formatted(lock.type(), lock.mode(), lock.waiting() ? "request" : "lock", who)));
    FileLock blocker = state.locks.get(lock.blocker());
    for (int i = 0; i < LONGEST && blocker != null; i++) {
      steps.add(
          new Step(
              blocker.since(),
              "  waits behind %s %s of task %d"
                  .formatted(blocker.type(), blocker.mode(), blocker.pid())));
      blocker = state.locks.get(blocker.blocker());
    }
    if (lock.type() != FileLock.Type.POSIX) {
      description(state.descriptions.get(lock.owner()));
    }
  }

  private void description(OpenFileDescription description) {
    if (description != null) {
      Task opener = state.tasks.get(description.openedBy());
      steps.add(
          new Step(
              description.createdAt(),
              "  held by an open file description%s: %s"
                  .formatted(
                      opener == null ? "" : " of task " + opener.tid(),
                      description.inferred() ? "inferred" : "opened")));
      for (long key : state.fdsByDescription.keys(description.key())) {
        FdSlot slot = state.fds.get(key);
        for (long task : state.tasksByFiles.keys(slot.table())) {
          Task holder = state.tasks.get(task);
          steps.add(
              new Step(
                  slot.since(),
                  "  descriptor %d of %d (%s)".formatted(slot.fd(), holder.tid(), holder.comm())));
        }
      }
    }
  }

  /** A descriptor of a task. */
  public static List<Step> fd(KernelState state, Task task, int number) {
    Why why = new Why(state);
    FdSlot slot = state.fd(task.files(), number);
    if (slot != null) {
      OpenFileDescription description = state.descriptions.get(slot.description());
      why.steps.add(
          new Step(
              slot.since(),
              "fd %d of %d (%s): %s"
                  .formatted(
                      number, task.tid(), task.comm(), Fds.target(state, task, description))));
      why.trail(task, slot, description);
      why.description(description);
    }
    return why.steps;
  }

  /**
   * From the descriptor back to the open: what it was inherited with, and what it was made from.
   */
  private void trail(Task task, FdSlot slot, OpenFileDescription description) {
    ThreadGroup group = state.groups.get(task.group());
    Task leader = group == null ? null : state.tasks.get(group.leader());
    long born = leader == null ? task.createdAt() : leader.createdAt();
    if (born > slot.since()) {
      steps.add(new Step(born, "  inherited when its process was made"));
    }
    List<Long> positions = FdTrails.of(state, slot);
    for (int i = positions.size() - 2; i >= 0; i--) {
      long position = positions.get(i);
      if (description == null || position != description.createdAt()) {
        steps.add(new Step(position, "  made from a descriptor that came by"));
      }
    }
  }

  /** A cgroup. */
  public static List<Step> cgroup(KernelState state, Bytes path) {
    Why why = new Why(state);
    for (Cgroup cgroup : state.cgroups.rows()) {
      if (path.equals(Cgroups.path(state, cgroup.key()))) {
        why.steps.add(
            new Step(
                cgroup.createdAt(),
                "cgroup %s, %s%s"
                    .formatted(
                        path,
                        cgroup.type().name().toLowerCase(Locale.ROOT),
                        cgroup.removed() ? ", removed" : "")));
        for (long key : state.tasksByCgroup.keys(cgroup.key())) {
          Task task = state.tasks.get(key);
          why.steps.add(
              new Step(
                  state.tasks.changedAt(key), "  task %d (%s)".formatted(task.tid(), task.comm())));
        }
      }
    }
    return why.steps;
  }

  /** A block device by the path of its node: since when it is so, what is behind it, who has it. */
  public static List<Step> block(KernelState state, Bytes path) {
    Why why = new Why(state);
    for (BlockDevice device : BlockDevicesView.devices(state)) {
      if (device.path().equals(path)) {
        why.block(device);
      }
    }
    return why.steps;
  }

  private void block(BlockDevice device) {
    steps.add(
        new Step(
            state.blockDevices.changedAt(device.key()),
            "block device %s %d:%d, diskseq %d"
                .formatted(device.path(), device.major(), device.minor(), device.diskseq())));
    LoopBinding binding = state.loopBindings.get(device.key());
    if (binding != null) {
      steps.add(
          new Step(
              state.loopBindings.changedAt(device.key()),
              "  with the file " + BlockDevicesView.backing(state, binding) + " behind it"));
    }
    for (long key : state.blockHandlesByDevice.keys(device.key())) {
      BlockHandle handle = state.blockHandles.require(key);
      OpenFileDescription file = state.descriptions.get(key);
      String how = handle.exclusive() ? ", claimed" : "";
      switch (handle.holder()) {
        case SUPERBLOCK ->
            steps.add(new Step(state.blockHandles.changedAt(key), "  mounted" + how));
        case FS_CONTEXT ->
            steps.add(new Step(state.blockHandles.changedAt(key), "  held by a context" + how));
        case MAPPED ->
            steps.add(new Step(state.blockHandles.changedAt(key), "  part of a mapping" + how));
        case FILE -> description(file);
      }
    }
    for (Superblock superblock : state.superblocks.rows()) {
      if (superblock.major() == device.major() && superblock.minor() == device.minor()) {
        for (long mount : state.mountsBySuperblock.keys(superblock.key())) {
          Mount row = state.mounts.require(mount);
          steps.add(new Step(row.cause().position(), "  mount " + row.id() + " at " + point(row)));
        }
      }
    }
  }

  /** A task: who made it, and so on. */
  public static List<Step> task(KernelState state, Task task) {
    Why why = new Why(state);
    Task at = task;
    String indent = "";
    for (int i = 0; i < LONGEST && at != null; i++) {
      why.steps.add(
          new Step(
              at.createdAt(),
              "%stask %d (%s)%s"
                  .formatted(indent, at.tid(), at.comm(), at.inferred() ? ", inferred" : "")));
      indent = "  child of ";
      int parent = Tasks.ppid(state, at);
      at = parent == 0 ? null : state.task(parent);
    }
    return why.steps;
  }
}

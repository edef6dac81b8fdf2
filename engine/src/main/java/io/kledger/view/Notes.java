package io.kledger.view;

import io.kledger.engine.ChangeListener;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.change.BlockChange;
import io.kledger.kernel.change.CgroupChange;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.change.Internal;
import io.kledger.kernel.change.LockChange;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.change.NamespaceChange;
import io.kledger.kernel.change.NoticeChange;
import io.kledger.kernel.change.StateChange;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.ThreadGroup;
import io.kledger.store.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Hears the changes of one event and says them as notifications. What a change takes away is looked
 * at before it is applied, what it brings afterwards.
 */
public final class Notes implements ChangeListener {
  private record Entry(int change, Note note) {}

  private final List<Entry> entries = new ArrayList<>();
  private int changes;

  /** A new event begins. */
  public void begin() {
    entries.clear();
    changes = 0;
  }

  /**
   * The notifications so far. What the kernel reports of mounts itself comes before the kinds that
   * it has no event for.
   */
  public List<Note> notes() {
    List<Note> first = new ArrayList<>();
    List<Note> later = new ArrayList<>();
    for (Entry entry : entries) {
      (silentMount(entry.note.type()) ? later : first).add(entry.note);
    }
    first.addAll(later);
    return first;
  }

  private static boolean silentMount(String type) {
    return switch (type) {
      case "mount.attr", "mount.propagation", "mount.reparent", "mount.lock" -> true;
      default -> false;
    };
  }

  @Override
  public void before(StateChange change, KernelState state) {
    switch (change) {
      case FdChange.Closed closed -> {
        FdSlot slot = state.fds.get(closed.key());
        if (slot != null) {
          add(
              new Note.Builder("fd.close")
                  .key("pid", tid(state, closed.task()))
                  .key("fd", slot.fd()));
        }
      }
      case LockChange.Released released ->
          add(
              lock("lock.release", state, released.before())
                  .key("start", released.start())
                  .key("end", end(released.end())));
      case LockChange.TimedOut timedOut -> add(lock("lock.timeout", state, timedOut.before()));
      case MountChange mount -> MountNotes.before(this, mount, state);
      case TaskChange.Released released -> {
        Task task = state.tasks.get(released.key());
        if (task != null && released.reaper() != 0 && leader(state, task)) {
          add(
              new Note.Builder("task.reap")
                  .key("pid", task.tid())
                  .key("by", tid(state, released.reaper())));
        }
      }
      case BlockChange change2 -> {}
      case CgroupChange change2 -> {}
      case FdChange change2 -> {}
      case Internal change2 -> {}
      case LockChange change2 -> {}
      case NamespaceChange change2 -> {}
      case NoticeChange change2 -> {}
      case TaskChange change2 -> {}
    }
  }

  @Override
  public void after(StateChange change, Row before, KernelState state) {
    switch (change) {
      case BlockChange block -> block(block);
      case CgroupChange cgroup -> cgroup(cgroup, state);
      case FdChange fd -> fd(fd, state);
      case LockChange lock -> lock(lock, state);
      case MountChange mount -> MountNotes.after(this, mount, state);
      case NamespaceChange namespace -> namespace(namespace, before, state);
      case NoticeChange.Happened happened -> notice(happened);
      case TaskChange task -> task(task, state);
      case Internal internal -> {}
    }
    changes++;
  }

  @Override
  public void rolledBack(int count) {
    entries.removeIf(entry -> entry.change >= count);
    changes = count;
  }

  void add(Note.Builder note) {
    entries.add(new Entry(changes, note.build()));
  }

  private void notice(NoticeChange.Happened happened) {
    Note.Builder note = new Note.Builder(happened.type());
    for (int i = 0; i + 1 < happened.keys().size(); i += 2) {
      note.key(happened.keys().get(i), happened.keys().get(i + 1));
    }
    add(note);
  }

  private void task(TaskChange change, KernelState state) {
    switch (change) {
      case TaskChange.Forked forked ->
          add(
              new Note.Builder("task.fork")
                  .key("pid", forked.after().tid())
                  .key("parent", tid(state, forked.parent())));
      case TaskChange.Execed execed ->
          add(
              new Note.Builder("task.exec")
                  .key("pid", execed.after().tid())
                  .key("comm", execed.after().comm().latin1()));
      case TaskChange.CommChanged comm ->
          add(
              new Note.Builder("task.comm")
                  .key("pid", comm.after().tid())
                  .key("comm", comm.after().comm().latin1()));
      case TaskChange.Exited exited ->
          add(
              new Note.Builder("task.exit")
                  .key("pid", exited.after().tid())
                  .key("status", WaitStatus.note(exited.after().exitStatus())));
      case TaskChange.Reparented moved ->
          add(
              new Note.Builder("task.reparent")
                  .key("pid", moved.after().tgid())
                  .key("from", tgid(state, moved.from()))
                  .key("to", tgid(state, moved.after().parent())));
      case TaskChange.Changed changed -> {}
      case TaskChange.Released released -> {}
      case TaskChange.GroupChanged changed -> {}
      case TaskChange.GroupReleased released -> {}
    }
  }

  private void fd(FdChange change, KernelState state) {
    switch (change) {
      case FdChange.Installed installed -> install(installed.after(), installed.task(), state);
      case FdChange.Passed passed ->
          add(
              new Note.Builder("fd.pass")
                  .key("pid", tid(state, passed.task()))
                  .key("fd", passed.after().fd())
                  .key("from", tid(state, passed.from())));
      case FdChange.Opened opened -> {}
      case FdChange.DescriptionChanged changed -> {}
      case FdChange.Released released -> {}
      case FdChange.SlotChanged changed -> {}
      case FdChange.Closed closed -> {}
    }
  }

  private void install(FdSlot slot, long task, KernelState state) {
    add(new Note.Builder("fd.install").key("pid", tid(state, task)).key("fd", slot.fd()));
  }

  private void lock(LockChange change, KernelState state) {
    switch (change) {
      case LockChange.Acquired acquired ->
          add(
              lock("lock.acquire", state, acquired.after())
                  .key("start", acquired.start())
                  .key("end", end(acquired.end())));
      case LockChange.Converted converted -> add(lock("lock.convert", state, converted.after()));
      case LockChange.Blocked blocked ->
          add(
              lock("lock.block", state, blocked.after())
                  .key("start", blocked.after().start())
                  .key("end", end(blocked.after().end())));
      case LockChange.Requeued requeued -> {}
      case LockChange.Adjusted adjusted -> {}
      case LockChange.Released released -> {}
      case LockChange.Withdrawn withdrawn -> {}
      case LockChange.TimedOut timedOut -> {}
      case LockChange.Dropped dropped -> {}
    }
  }

  private static Note.Builder lock(String type, KernelState state, FileLock lock) {
    Task task = state.tasks.get(lock.task());
    return new Note.Builder(type)
        .key("path", Locks.path(state, lock).latin1())
        .key("pid", task != null && lock.pid() <= 0 ? (Integer) task.tid() : (Integer) lock.pid())
        .key("type", lock.type())
        .key("mode", lock.mode());
  }

  private static String end(long end) {
    return end == Long.MAX_VALUE ? "EOF" : Long.toString(end);
  }

  private void cgroup(CgroupChange change, KernelState state) {
    switch (change) {
      case CgroupChange.Created created ->
          add(new Note.Builder("cgroup.create").key("path", path(state, created.key())));
      case CgroupChange.Removed removed ->
          add(new Note.Builder("cgroup.remove").key("path", path(state, removed.key())));
      case CgroupChange.Migrated migrated ->
          add(
              new Note.Builder("cgroup.migrate")
                  .key("pid", migrated.after().tid())
                  .key("from", path(state, migrated.from()))
                  .key("to", path(state, migrated.after().cgroup())));
      case CgroupChange.Populated populated ->
          add(
              new Note.Builder("cgroup.populated")
                  .key("path", path(state, populated.key()))
                  .key("value", populated.value() ? 1 : 0));
      case CgroupChange.Changed changed -> {}
      case CgroupChange.Released released -> {}
    }
  }

  private void block(BlockChange change) {
    switch (change) {
      case BlockChange.Told told ->
          block(told.what().name().toLowerCase(Locale.ROOT), told.after());
      case BlockChange.Removed removed -> block("remove", removed.last());
    }
  }

  private void block(String what, BlockDevice device) {
    add(
        new Note.Builder("block." + what)
            .key("dev", device.path().latin1())
            .key("diskseq", device.diskseq()));
  }

  private static String path(KernelState state, long cgroup) {
    var path = Cgroups.path(state, cgroup);
    return path == null ? null : path.latin1();
  }

  private void namespace(NamespaceChange change, Row before, KernelState state) {
    switch (change) {
      case NamespaceChange.Created created -> {
        if (!created.after().anonymous()) {
          add(
              new Note.Builder("ns.create")
                  .key("type", created.after().kind().procName())
                  .key("pid", tid(state, created.task()))
                  .key("ns", created.after().inode()));
        }
      }
      case NamespaceChange.Destroyed destroyed -> {
        if (!(before instanceof io.kledger.kernel.ns.Namespace row) || !row.anonymous()) {
          add(new Note.Builder("ns.destroy").key("type", destroyed.kind().procName()));
        }
      }
      case NamespaceChange.Switched switched ->
          add(
              new Note.Builder("ns.switch")
                  .key("pid", switched.after().tid())
                  .key("type", switched.kind().procName()));
      case NamespaceChange.Changed changed -> {}
      case NamespaceChange.UserChanged changed -> {}
      case NamespaceChange.UserReleased released -> {}
    }
  }

  private static boolean leader(KernelState state, Task task) {
    ThreadGroup group = state.groups.get(task.group());
    return group == null || group.leader() == task.key();
  }

  static Integer tid(KernelState state, long task) {
    Task row = state.tasks.get(task);
    return row == null ? null : row.tid();
  }

  private static Integer tgid(KernelState state, long group) {
    ThreadGroup row = state.groups.get(group);
    return row == null ? null : row.tgid();
  }
}

package io.kledger.view;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/** File locks: /proc/locks (locks_show() of fs/locks.c) and what lslocks(8) makes of it. */
public final class Locks {
  private static final int SHM_MNT = 1;
  private static final int SOCKFS = 9;
  private static final int PIPEFS = 14;
  private static final int ANON_INODEFS = 16;

  private static final String[] COLUMNS = {
    "COMMAND",
    "PID",
    "TYPE",
    "SIZE",
    "INODE",
    "MAJ:MIN",
    "MODE",
    "M",
    "START",
    "END",
    "PATH",
    "BLOCKER",
    "HOLDERS",
    "WAITING-SINCE",
    "SINCE",
    "INFERRED"
  };

  private final KernelState state;
  private final ToLongFunction<Inode> numbers;

  /**
   * One line of /proc/locks.
   *
   * @param id number of the lock at the root of the waiter tree, as printed
   * @param level 0 for a granted lock, 1 for what waits for it, and so on
   */
  public record Line(int id, int level, FileLock root, FileLock lock) {}

  private Locks(KernelState state) {
    this(state, Inode::number);
  }

  private Locks(KernelState state, ToLongFunction<Inode> numbers) {
    this.state = state;
    this.numbers = numbers;
  }

  /** The text of /proc/locks, one element a line. */
  public static List<String> proc(KernelState state) {
    return proc(state, Inode::number);
  }

  /** The same with inode numbers that something else knows better. */
  public static List<String> proc(KernelState state, ToLongFunction<Inode> numbers) {
    Locks view = new Locks(state, numbers);
    List<String> text = new ArrayList<>();
    for (Line line : view.lines()) {
      text.add(view.text(line));
    }
    return text;
  }

  /**
   * The same, with {@code ?KEY} for an inode whose number nobody knows: two locks of one file can
   * be told from locks of two files.
   */
  public static List<String> identified(KernelState state, ToLongFunction<Inode> numbers) {
    Locks view = new Locks(state, numbers);
    List<String> text = new ArrayList<>();
    for (Line line : view.lines()) {
      Inode inode = state.inodes.get(line.lock().inode());
      String plain = view.text(line);
      text.add(
          inode == null || numbers.applyAsLong(inode) != 0
              ? plain
              : plain.replaceFirst(":0 ", ":?" + inode.key() + " "));
    }
    return text;
  }

  /** The lines of /proc/locks as rows. */
  public static List<Line> lines(KernelState state) {
    return new Locks(state).lines();
  }

  /** The columns of lslocks, and who holds, who blocks, since when. */
  public static Sheet sheet(KernelState state) {
    Locks view = new Locks(state);
    Sheet sheet = Sheet.of(COLUMNS);
    for (Line line : view.lines()) {
      view.row(sheet, line);
    }
    return sheet;
  }

  /**
   * The graph of waits in the DOT language: from a request to what it waits for, from a lock to the
   * processes that can give it up.
   */
  public static List<String> dot(KernelState state) {
    Locks view = new Locks(state);
    List<String> text = new ArrayList<>();
    text.add("digraph locks {");
    text.add("  rankdir=LR;");
    TreeSet<Long> processes = new TreeSet<>();
    for (Line line : view.lines()) {
      FileLock lock = line.lock();
      boolean waited = state.locksByBlocker.count(lock.key()) > 0;
      if (!lock.waiting() && !waited) {
        continue;
      }
      text.add(
          "  l%d [shape=box%s, label=\"%s %s\\n%s\\n%d-%s\"];"
              .formatted(
                  lock.key(),
                  lock.waiting() ? ", style=dashed" : "",
                  lock.type(),
                  mode(lock),
                  quoted(view.path(lock).latin1()),
                  lock.start(),
                  lock.end() == FileLock.EOF ? "EOF" : lock.end()));
      if (lock.waiting()) {
        text.add(
            "  p%d -> l%d [label=\"waits since %d\"];"
                .formatted(view.waiter(lock), lock.key(), lock.since()));
        text.add("  l%d -> l%d [style=dashed];".formatted(lock.key(), lock.blocker()));
        processes.add(view.waiter(lock));
      } else {
        for (Object holder : view.holders(lock)) {
          text.add("  l%d -> p%s [label=\"held by\"];".formatted(lock.key(), holder));
          processes.add((Long) holder);
        }
      }
    }
    for (long process : processes) {
      Task task = state.task((int) process);
      String name = task == null ? "" : " (" + quoted(task.comm().latin1()) + ")";
      text.add("  p%d [label=\"%d%s\"];".formatted(process, process, name));
    }
    text.add("}");
    return text;
  }

  /** Number of the process that waits. */
  private long waiter(FileLock request) {
    Task task = state.tasks.get(request.task());
    return request.pid() > 0 || task == null ? request.pid() : tgid(task);
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  /** Lines of the scenario view `lslocks`: COMMAND PID TYPE MODE START END PATH BLOCKER. */
  public static List<String> lslocks(KernelState state) {
    Locks view = new Locks(state);
    List<String> text = new ArrayList<>();
    for (Line line : view.lines()) {
      FileLock lock = line.lock();
      text.add(
          "%s %d %s %s %d %d %s %s"
              .formatted(
                  view.command(lock),
                  view.holderPid(lock),
                  lock.type(),
                  mode(lock),
                  lock.start(),
                  lock.end() == Long.MAX_VALUE ? 0 : lock.end(),
                  view.path(lock).latin1() + (view.unlinked(lock) ? " (deleted)" : ""),
                  lock.waiting() ? view.holderPid(line.root()) : "-"));
    }
    return text;
  }

  private List<Line> lines() {
    List<FileLock> roots = new ArrayList<>();
    for (FileLock lock : state.locks.rows()) {
      if (!lock.waiting() && shown(lock)) {
        roots.add(lock);
      }
    }
    // file_lock_list grows at its head.
    roots.sort(Comparator.comparingLong(FileLock::key).reversed());
    List<Line> lines = new ArrayList<>();
    int id = 0;
    for (FileLock root : roots) {
      add(lines, ++id, 0, root, root);
    }
    return lines;
  }

  private void add(List<Line> lines, int id, int level, FileLock root, FileLock lock) {
    lines.add(new Line(id, level, root, lock));
    for (long waiter : state.locksByBlocker.keys(lock.key())) {
      add(lines, id, level + 1, root, state.locks.get(waiter));
    }
  }

  /** Whether /proc/locks, and fdinfo, show a lock: see {@link #shown}. */
  public static boolean visible(KernelState state, FileLock lock) {
    return new Locks(state).shown(lock);
  }

  /**
   * locks_translate_pid(): a pid namespace below the initial one hides a lock whose taker's number
   * is not in use any more. The observer of a traced machine is taken to be in one.
   */
  private boolean shown(FileLock lock) {
    Machine machine = state.machine.get(1);
    if (lock.pid() <= 0 || machine != null && machine.model()) {
      return true;
    }
    for (long key : state.pids.keys()) {
      Pid pid = state.pids.get(key);
      if (!pid.numbers().isEmpty() && pid.at(0) == lock.pid()) {
        return true;
      }
    }
    return false;
  }

  private String text(Line line) {
    FileLock lock = line.lock();
    StringBuilder text = new StringBuilder();
    text.append(line.id()).append(": ");
    if (line.level() > 0) {
      text.repeat(' ', line.level() - 1).append("-> ");
    }
    text.append(
        switch (lock.type()) {
          case FLOCK -> "FLOCK  ADVISORY  ";
          case POSIX -> "POSIX  ADVISORY  ";
          case OFDLCK -> "OFDLCK ADVISORY  ";
          case LEASE ->
              lock.mode() == FileLock.Mode.UNLCK || lock.mode() == FileLock.Mode.DOWNGRADE
                  ? "LEASE  BREAKING  "
                  : "LEASE  ACTIVE    ";
        });
    Inode inode = state.inodes.get(lock.inode());
    Superblock superblock = inode == null ? null : state.superblocks.get(inode.superblock());
    text.append(plainMode(lock)).append(' ').append(lock.pid()).append(' ');
    text.append(
        superblock == null
            ? "00:%02x".formatted(internal(inode))
            : "%02x:%02x".formatted(superblock.major(), superblock.minor()));
    text.append(':').append(inode == null ? 0 : numbers.applyAsLong(inode)).append(' ');
    text.append(lock.start()).append(' ');
    return (lock.end() == Long.MAX_VALUE ? text.append("EOF") : text.append(lock.end())).toString();
  }

  private void row(Sheet sheet, Line line) {
    FileLock lock = line.lock();
    Inode inode = state.inodes.get(lock.inode());
    Superblock superblock = inode == null ? null : state.superblocks.get(inode.superblock());
    sheet.row(
        command(lock),
        holderPid(lock),
        lock.type().name(),
        inode == null || inode.size() < 0 ? null : inode.size(),
        inode == null ? null : inode.number(),
        superblock == null ? null : superblock.major() + ":" + superblock.minor(),
        mode(lock),
        0,
        lock.start(),
        lock.end() == Long.MAX_VALUE ? 0 : lock.end(),
        path(lock),
        lock.waiting() ? (Object) holderPid(line.root()) : null,
        holders(lock),
        lock.waiting() ? lock.since() : null,
        lock.since(),
        lock.inferred());
  }

  /** target_leasetype(): a breaking lease shows what it is to become. */
  private static FileLock.Mode plainMode(FileLock lock) {
    return lock.mode() == FileLock.Mode.DOWNGRADE ? FileLock.Mode.READ : lock.mode();
  }

  private static String mode(FileLock lock) {
    return lock.waiting() ? plainMode(lock) + "*" : plainMode(lock).name();
  }

  /** lslocks shows comm of the pid; of an OFD lock, that of a process that has the file open. */
  private String command(FileLock lock) {
    Task task = task(lock);
    return task == null ? "(unknown)" : task.comm().latin1();
  }

  private long holderPid(FileLock lock) {
    if (lock.type() == FileLock.Type.OFDLCK) {
      Task task = task(lock);
      return task == null ? -1 : tgid(task);
    }
    return lock.pid();
  }

  private Task task(FileLock lock) {
    if (lock.type() == FileLock.Type.OFDLCK) {
      for (long slot : state.fdsByDescription.keys(lock.owner())) {
        Task task = state.tasksByFiles.first(state.fds.get(slot).table());
        if (task != null) {
          return task;
        }
      }
      return null;
    }
    return state.task(lock.pid());
  }

  private long tgid(Task task) {
    var group = state.groups.get(task.group());
    return group == null ? task.tid() : group.tgid();
  }

  /**
   * Processes that can give the lock up: those with the description, or the fd table, that owns it.
   */
  private List<Object> holders(FileLock lock) {
    TreeSet<Long> holders = new TreeSet<>();
    if (lock.type() == FileLock.Type.POSIX) {
      for (long task : state.tasksByFiles.keys(lock.owner())) {
        holders.add(tgid(state.tasks.get(task)));
      }
    } else {
      for (long slot : state.fdsByDescription.keys(lock.owner())) {
        for (long task : state.tasksByFiles.keys(state.fds.get(slot).table())) {
          holders.add(tgid(state.tasks.get(task)));
        }
      }
    }
    return new ArrayList<>(holders);
  }

  /** The path of the locked file, as its holder sees it. */
  static Bytes path(KernelState state, FileLock lock) {
    return new Locks(state).path(lock);
  }

  /** Whether the name that the file was locked by is gone. */
  private boolean unlinked(FileLock lock) {
    OpenFileDescription file = description(lock);
    return file != null && file.place().known() && PathText.unlinked(state, file.place());
  }

  private Bytes path(FileLock lock) {
    OpenFileDescription description = description(lock);
    if (description == null) {
      return dentryPath(lock.inode());
    }
    if (!description.name().isEmpty()) {
      return description.name();
    }
    if (description.place().dentry() == 0) {
      return Bytes.of("?");
    }
    Task task = state.tasks.get(lock.task());
    var fs = task == null ? null : state.fs.get(task.fs());
    return PathText.names(state, description.place(), fs == null ? Place.UNKNOWN : fs.root());
  }

  private OpenFileDescription description(FileLock lock) {
    if (lock.type() != FileLock.Type.POSIX) {
      return state.descriptions.get(lock.owner());
    }
    for (long key : state.fdsByTable.keys(lock.owner())) {
      FdSlot slot = state.fds.get(key);
      OpenFileDescription description = state.descriptions.get(slot.description());
      if (description != null && description.inode() == lock.inode()) {
        return description;
      }
    }
    return state.descriptionsByInode.first(lock.inode());
  }

  private Bytes dentryPath(long inode) {
    Dentry dentry = state.dentriesByInode.first(inode);
    return dentry == null ? Bytes.EMPTY : PathText.inFilesystem(state, dentry.key());
  }

  /** Minor numbers that stand for the kernel's internal filesystems, one for each. */
  private static int internal(Inode inode) {
    return switch (inode == null ? 0 : inode.mode() & Inode.S_IFMT) {
      case Inode.S_IFSOCK -> SOCKFS;
      case Inode.S_IFIFO -> PIPEFS;
      case Inode.S_IFREG -> SHM_MNT;
      default -> ANON_INODEFS;
    };
  }
}

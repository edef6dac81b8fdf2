package io.kledger.engine.environment;

import io.kledger.abi.Constants;
import io.kledger.engine.CallContext;
import io.kledger.engine.cgroup.Coredumps;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.task.Dumpable;
import io.kledger.engine.task.ResourceLimits;
import io.kledger.engine.task.TaskDeath;
import io.kledger.engine.watch.Events;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Environment;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.ResourceLimit;
import io.kledger.kernel.task.Task;
import java.util.List;

/** `@crash TID SIG core=BYTES`: a fatal signal, and do_coredump() of fs/coredump.c. */
final class CrashDirective {
  private static final int DUMPED = 0x80;
  private static final long MS_RDONLY = 1;

  /** ELF_EXEC_PAGESIZE: min_coredump of the format, bytes. */
  private static final long LEAST = 4096;

  /** SIG_KERNEL_COREDUMP_MASK. */
  private static final List<Integer> DUMPING = List.of(3, 4, 5, 6, 7, 8, 11, 24, 25, 31);

  private CrashDirective() {}

  static void crash(CallContext context, Environment body) {
    Words words = new Words(body);
    Task task = context.state().task(Integer.parseInt(words.word(0)));
    if (task == null || !task.alive()) {
      throw new DirectiveException("task " + words.word(0) + " is not there");
    }
    Long signal = Constants.value(words.word(1));
    if (signal == null) {
      throw new DirectiveException("no signal is called " + words.word(1));
    }
    long size = Long.parseLong(words.text("core", "0"));
    long acting = context.actAs(task.key());
    int word = signal.intValue();
    if (DUMPING.contains(word) && size > 0 && dump(context, task, word, size)) {
      word |= DUMPED;
    }
    TaskDeath.process(context, task.group(), word);
    context.actAs(acting);
  }

  /** Whether a core was written. */
  private static boolean dump(CallContext context, Task task, int signal, long size) {
    KernelState state = context.state();
    String pattern = MachineEvents.setting(context, "kernel.core_pattern", "core");
    int dumpable = Dumpable.of(state, task);
    boolean file = !pattern.startsWith("|") && !pattern.startsWith("@");
    boolean relative = file && !pattern.startsWith("/");
    if (dumpable == 0 || dumpable == 2 && relative) {
      return false;
    }
    long own = ResourceLimits.of(state, task.group(), ResourceLimit.CORE).soft();
    if (pattern.startsWith("|") && own == 1) {
      return false;
    }
    Coredumps.Limit limit = Coredumps.of(state, task);
    long process = !file || own == ResourceLimit.INFINITY ? Long.MAX_VALUE : own;
    long group = limit.bytes() < 0 ? Long.MAX_VALUE : limit.bytes();
    if (group == 0 || file && group < LEAST) {
      Coredumps.count(context, limit.cgroup(), Coredumps.Outcome.SUPPRESSED);
      return false;
    }
    long bytes = Math.min(size, Math.min(process, group));
    if (file && (process < LEAST || !write(context, task, name(task, pattern, signal), bytes))) {
      return false;
    }
    boolean cut = group < size && group <= process;
    Coredumps.count(
        context,
        cut ? limit.cgroup() : Coredumps.domain(state, task),
        cut ? Coredumps.Outcome.TRUNCATED : Coredumps.Outcome.DUMPED);
    return true;
  }

  /** format_corename(). */
  private static Bytes name(Task task, String pattern, int signal) {
    Bytes name = Bytes.EMPTY;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c != '%' || i + 1 == pattern.length()) {
        name = c == '%' ? name : name.plus(Bytes.of(String.valueOf(c)));
        continue;
      }
      char what = pattern.charAt(++i);
      name =
          switch (what) {
            case '%' -> name.plus(Bytes.of("%"));
            case 'p', 'P', 'i', 'I' -> name.plus(Bytes.of(Integer.toString(task.tid())));
            case 'u' -> name.plus(Bytes.of(Integer.toString(task.credentials().uid())));
            case 'g' -> name.plus(Bytes.of(Integer.toString(task.credentials().gid())));
            case 's' -> name.plus(Bytes.of(Integer.toString(signal)));
            case 'e' -> name.plus(task.comm());
            case 'h' -> name.plus(Bytes.of("model"));
            default -> name;
          };
    }
    return name;
  }

  /** Makes the file, as the task itself would; false if it cannot. */
  private static boolean write(CallContext context, Task task, Bytes path, long size) {
    KernelState state = context.state();
    FsStruct fs = state.fs.get(task.fs());
    int slash = path.latin1().lastIndexOf('/');
    if (fs == null || path.length() == slash + 1) {
      return false;
    }
    Place start = path.at(0) == '/' ? fs.root() : fs.cwd();
    Place in = slash <= 0 ? start : Paths.find(context, start, path.slice(0, slash));
    Dentry directory = state.dentries.get(in.dentry());
    Mount mount = state.mounts.get(in.mount());
    Inode parent = directory == null ? null : state.inodes.get(directory.inode());
    Credentials who = task.credentials();
    if (parent == null
        || mount == null
        || (mount.flags() & MS_RDONLY) != 0
        || !Access.allowed(state, who, parent, Access.WRITE | Access.EXEC)) {
      return false;
    }
    Bytes name = path.slice(slash + 1, path.length());
    Dentry there = state.child(in.dentry(), name);
    boolean fresh = there == null || there.inode() == 0;
    if (fresh) {
      Dcache.Spec spec = Dcache.Spec.of(Inode.S_IFREG | 0600, who.fsuid(), who.fsgid());
      there = Dcache.createChild(context, in.dentry(), name, spec);
      Events.of(context).created(there);
    }
    Inode inode = state.inodes.require(there.inode());
    if (!inode.regular() || inode.nlink() > 1 || inode.uid() != who.fsuid()) {
      return false;
    }
    Contents.drop(context, inode.key());
    context.put(Tables.INODES, inode.withSize(size));
    return true;
  }
}

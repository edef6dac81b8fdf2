package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Pid;
import io.kledger.kernel.task.Task;

/** Which process a file of /proc is about. */
public final class ProcPlace {
  private static final Bytes PROC = Bytes.of("proc");

  private ProcPlace() {}

  /** The task of /proc/PID/NAME, a number of the pid namespace that this procfs shows; null if none. */
  public static Task task(CallContext context, Dentry file) {
    KernelState state = context.state();
    Dentry directory = state.dentries.get(file.parent());
    return directory == null ? null : process(context, directory);
  }

  /** The task whose directory /proc/PID is open; null if it is none. */
  public static Task directory(CallContext context, OpenFileDescription file) {
    Dentry directory = context.state().dentries.get(file.place().dentry());
    return directory == null ? null : process(context, directory);
  }

  /** A process is gone, and with it its directory in each procfs that showed it. */
  public static void gone(CallContext context, Pid pid) {
    KernelState state = context.state();
    for (long key : state.superblocks.keys()) {
      Superblock superblock = state.superblocks.get(key);
      if (!superblock.type().equals(PROC)) {
        continue;
      }
      Namespace shown = state.namespaces.get(superblock.namespace());
      int number = pid.at(shown == null ? 0 : shown.level());
      Dentry directory =
          number <= 0
              ? null
              : state.child(superblock.root(), Bytes.of(Integer.toString(number)));
      if (directory != null) {
        context.put(
            Tables.DENTRIES,
            new Dentry(
                directory.key(), key, directory.parent(), directory.name(), directory.inode(),
                true));
      }
    }
  }

  /** Whether a file is the directory of a process that is gone. */
  public static boolean wasDirectory(CallContext context, OpenFileDescription file) {
    Dentry directory = context.state().dentries.get(file.place().dentry());
    Superblock superblock =
        directory == null ? null : context.state().superblocks.get(directory.superblock());
    return superblock != null
        && superblock.type().equals(PROC)
        && directory.deleted()
        && number(directory.name()) > 0;
  }

  private static Task process(CallContext context, Dentry directory) {
    KernelState state = context.state();
    Superblock superblock = state.superblocks.get(directory.superblock());
    if (superblock == null || !superblock.type().equals(PROC) || directory.deleted()) {
      return null;
    }
    int number = number(directory.name());
    if (number <= 0) {
      return null;
    }
    long shown = superblock.namespace();
    if (shown == 0) {
      Namespace initial = NamespaceRows.initial(state, NamespaceKind.PID);
      shown = initial == null ? context.task().namespaces().pid() : initial.key();
    }
    return PidNumbers.task(state, shown, number);
  }

  private static int number(Bytes name) {
    if (name.isEmpty() || name.length() > 9) {
      return 0;
    }
    int value = 0;
    for (int i = 0; i < name.length(); i++) {
      int digit = name.at(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}

package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Task;

/** Which process a file of /proc is about. */
public final class ProcPlace {
  private static final Bytes PROC = Bytes.of("proc");

  private ProcPlace() {}

  /** The task of /proc/PID/NAME, a number of the pid namespace that this procfs shows; null if none. */
  public static Task task(CallContext context, Dentry file) {
    KernelState state = context.state();
    Superblock superblock = state.superblocks.get(file.superblock());
    Dentry directory = state.dentries.get(file.parent());
    if (superblock == null || !superblock.type().equals(PROC) || directory == null) {
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

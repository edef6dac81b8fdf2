package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Access;
import io.kledger.engine.file.Idmapped;
import io.kledger.engine.file.Overlay;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.task.Credentials;

/** fs.protected_hardlinks: may_linkat() and safe_hardlink_source(). */
final class HardLinks {
  private static final String OFF = "fs.protected_hardlinks=0";
  private static final int S_ISUID = 04000;
  private static final int S_ISGID = 02000;
  private static final int S_IXGRP = 010;

  private HardLinks() {}

  /** Whether the task may give the file at a place another name. */
  static boolean allowed(CallContext context, Place source) {
    KernelState state = context.state();
    if (Overlay.guarded(state, source.dentry())) {
      return false;
    }
    Inode raw = Names.inode(state, source);
    Machine machine = state.machine.get(1);
    Credentials who = context.task().credentials();
    if (raw == null || !raw.typeKnown() || raw.uid() == -1 || !who.known()) {
      return true;
    }
    if (machine != null && machine.settings().contains(OFF)) {
      return true;
    }
    Inode inode = Idmapped.judged(state, source.mount(), raw);
    return safe(state, who, inode) || Access.owner(state, who, inode);
  }

  private static boolean safe(KernelState state, Credentials who, Inode inode) {
    int group = S_ISGID | S_IXGRP;
    return inode.regular()
        && (inode.mode() & S_ISUID) == 0
        && (inode.mode() & group) != group
        && Access.allowed(state, who, inode, Access.READ | Access.WRITE);
  }
}

package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Dcache;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;

/** Core dumps that a trace tells of: the file is there, of what size is not known. */
public final class CoreFiles {
  /** What fs.core_pattern is unless somebody set it. */
  private static final Bytes NAME = Bytes.of("core");

  private CoreFiles() {}

  /** `(core dumped)`: by default there is a file of this name in the working directory. */
  public static void seen(CallContext context, Task task) {
    KernelState state = context.state();
    FsStruct fs = state.fs.get(task.fs());
    Dentry directory = fs == null ? null : state.dentries.get(fs.cwd().dentry());
    if (directory == null || !Dcache.complete(state, directory)) {
      return;
    }
    Dentry there = state.child(directory.key(), NAME);
    if (there == null || there.inode() == 0) {
      there = Dcache.inferChild(context, directory.key(), NAME, Inode.S_IFREG);
    }
    Inode inode = state.inodes.get(there.inode());
    if (inode != null && inode.regular() && !inode.inferred()) {
      context.put(Tables.INODES, inode.withSize(0));
    }
  }
}

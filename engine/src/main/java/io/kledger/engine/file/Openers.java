package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.FileOpener;
import io.kledger.kernel.task.Task;

/** Remembers who opened the files whose writes are judged by that: struct file's f_cred. */
public final class Openers {
  private static final Bytes CGROUP2 = Bytes.of("cgroup2");
  private static final Bytes PROC = Bytes.of("proc");

  private Openers() {}

  /** A file was opened. */
  public static void opened(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Dentry name = file.writable() ? state.dentries.get(file.place().dentry()) : null;
    Superblock superblock = name == null ? null : state.superblocks.get(name.superblock());
    boolean control =
        superblock != null
            && (superblock.type().equals(CGROUP2)
                || superblock.type().equals(PROC) && name.name().latin1().endsWith("_map"));
    if (control) {
      Task task = context.task();
      context.put(
          Tables.FILE_OPENERS,
          new FileOpener(file.key(), task.credentials(), task.namespaces().cgroup()));
    }
  }

  /** Credentials with which a file was opened; those of the caller if that is not known. */
  public static Credentials credentials(CallContext context, OpenFileDescription file) {
    FileOpener row = context.state().fileOpeners.get(file.key());
    return row == null ? context.task().credentials() : row.credentials();
  }

  /** Key of the cgroup namespace from which a file was opened. */
  public static long cgroupNs(CallContext context, OpenFileDescription file) {
    FileOpener row = context.state().fileOpeners.get(file.key());
    return row == null ? context.task().namespaces().cgroup() : row.cgroupNs();
  }

  /** The description is gone. */
  static void drop(CallContext context, long description) {
    if (context.state().fileOpeners.get(description) != null) {
      context.remove(Tables.FILE_OPENERS, description);
    }
  }
}

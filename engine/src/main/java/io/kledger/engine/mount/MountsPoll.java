package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.mount.MountsTold;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.task.Task;

/**
 * Changes of mounts that poll(2) of /proc/PID/mountinfo and /proc/PID/mounts tells:
 * touch_mnt_namespace(), mounts_poll().
 */
public final class MountsPoll {
  private static final Bytes MOUNTINFO = Bytes.of("mountinfo");
  private static final Bytes MOUNTS = Bytes.of("mounts");

  private MountsPoll() {}

  /** The mounts of a namespace have changed. */
  static void touch(CallContext context, long namespace) {
    MountsTold last = context.state().mountsTold.get(namespace);
    boolean news = last == null || last.at() != context.position();
    if (context.simulated() && namespace != 0 && news) {
      context.put(Tables.MOUNTS_TOLD, new MountsTold(namespace, context.position()));
    }
  }

  /** Whether a description is of such a file. */
  public static boolean isMounts(KernelState state, OpenFileDescription file) {
    return task(state, file) != null;
  }

  /** Whether there were changes since the description was opened or last told; now it is told. */
  public static boolean changed(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Task task = task(state, file);
    MountsTold last = task == null ? null : state.mountsTold.get(task.namespaces().mount());
    MountsTold seen = state.mountsTold.get(file.key());
    long since = seen == null ? file.createdAt() : seen.at();
    if (last == null || last.at() <= since) {
      return false;
    }
    context.put(Tables.MOUNTS_TOLD, new MountsTold(file.key(), last.at()));
    return true;
  }

  /** A namespace or a description is gone. */
  public static void drop(CallContext context, long key) {
    if (context.state().mountsTold.get(key) != null) {
      context.remove(Tables.MOUNTS_TOLD, key);
    }
  }

  /** The task whose mounts the file shows; null if it is another file. */
  private static Task task(KernelState state, OpenFileDescription file) {
    Dentry dentry = state.dentries.get(file.place().dentry());
    Dentry above = dentry == null ? null : state.dentries.get(dentry.parent());
    Superblock superblock = dentry == null ? null : state.superblocks.get(dentry.superblock());
    boolean mounts =
        above != null
            && superblock != null
            && superblock.type().latin1().equals("proc")
            && (dentry.name().equals(MOUNTINFO) || dentry.name().equals(MOUNTS));
    String number = mounts ? above.name().latin1() : "";
    return number.matches("[0-9]{1,9}") ? state.task(Integer.parseInt(number)) : null;
  }
}

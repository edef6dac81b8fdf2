package io.kledger.engine.mount;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.mount.Superblock;

/** Files of nsfs that are bound somewhere. */
final class NamespaceFiles {
  private static final Bytes NSFS = Bytes.of("nsfs");
  private static final Bytes MOUNT = Bytes.of("mnt:[");

  private NamespaceFiles() {}

  /** is_mnt_ns_file(). */
  static boolean isMountNamespace(KernelState state, long dentryKey) {
    Dentry dentry = state.dentries.get(dentryKey);
    if (dentry == null || !dentry.name().startsWith(MOUNT)) {
      return false;
    }
    Superblock superblock = state.superblocks.get(dentry.superblock());
    return superblock != null && superblock.type().equals(NSFS);
  }
}

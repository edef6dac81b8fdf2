package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.event.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which options the filesystems of devices take; only asked where no kernel ran. */
final class DeviceOptions {
  private static final Set<String> EXT4 =
      set(
          "bsddf minixdf grpid bsdgroups nogrpid sysvgroups resgid resuid sb errors nouid32 uid16"
              + " debug nodelalloc delalloc auto_da_alloc noauto_da_alloc noload norecovery"
              + " journal_dev journal_path journal_checksum nojournal_checksum"
              + " journal_async_commit abort data data_err commit max_batch_time min_batch_time"
              + " usrjquota grpjquota jqfmt usrquota grpquota prjquota quota noquota barrier"
              + " nobarrier i_version stripe user_xattr nouser_xattr acl noacl"
              + " inode_readahead_blks journal_ioprio discard nodiscard init_itable"
              + " noinit_itable dioread_nolock nodioread_nolock dioread_lock dax"
              + " test_dummy_encryption nombcache no_mbcache prefetch_block_bitmaps"
              + " no_prefetch_block_bitmaps mb_optimize_scan block_validity noblock_validity"
              + " inlinecrypt warn_on_error nowarn_on_error fc_debug_force lazytime nolazytime");
  private static final Set<String> BTRFS =
      set(
          "acl noacl autodefrag noautodefrag barrier nobarrier clear_cache commit compress"
              + " compress-force datacow nodatacow datasum nodatasum degraded device discard"
              + " nodiscard enospc_debug noenospc_debug fatal_errors flushoncommit"
              + " noflushoncommit max_inline norecovery ratio rescan_uuid_tree rescue"
              + " skip_balance space_cache nospace_cache ssd nossd ssd_spread nossd_spread"
              + " subvol subvolid thread_pool treelog notreelog user_subvol_rm_allowed");
  private static final Set<String> EROFS =
      set("user_xattr nouser_xattr acl noacl cache_strategy dax device fsid domain_id fsoffset");
  private static final Set<String> SQUASHFS = set("errors threads");
  private static final Set<String> BLOBFS = set("hash blksize require_sig");
  private static final Set<String> LOOPFS = set("max");

  private DeviceOptions() {}

  private static Set<String> set(String words) {
    return new TreeSet<>(List.of(words.split(" ")));
  }

  /** The first option that a filesystem does not take; null if all are fine, or nobody knows. */
  static String wrong(CallContext context, Bytes type, Bytes data) {
    Set<String> known =
        switch (type.latin1()) {
          case "ext2", "ext3", "ext4" -> EXT4;
          case "btrfs" -> BTRFS;
          case "erofs" -> EROFS;
          case "squashfs" -> SQUASHFS;
          case "blobfs" -> BLOBFS;
          case "loopfs" -> LOOPFS;
          default -> null;
        };
    if (known == null || !context.simulated()) {
      return null;
    }
    for (Map.Entry<String, String> option : FilesystemOptions.parse(data).entrySet()) {
      boolean grows =
          option.getKey().equals("autogrow")
              && known == BTRFS
              && context.profile().has(KernelFeature.BTRFS_AUTOGROW);
      if (!grows && !known.contains(option.getKey())
          || !value(option.getKey(), option.getValue())) {
        return option.getKey();
      }
    }
    return null;
  }

  private static boolean value(String key, String value) {
    return switch (key) {
      case "autogrow" -> value.isEmpty() || value.matches("[0-9]+[kKmMgGtT]?");
      case "max" -> value.matches("[1-9][0-9]{0,5}");
      case "hash" -> value.equals("sha256");
      case "blksize" -> value.equals("4096");
      default -> true;
    };
  }
}

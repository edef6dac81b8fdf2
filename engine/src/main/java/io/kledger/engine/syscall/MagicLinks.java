package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.PathWalk;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;

/** What readlink(2) says of the links of procfs: proc_pid_readlink(). */
final class MagicLinks {
  private static final Bytes PROC = Bytes.of("proc");

  private MagicLinks() {}

  /** Whether an inode is none of procfs, whose links change. */
  static boolean plain(CallContext context, Inode inode) {
    Superblock sb = context.state().superblocks.get(inode.superblock());
    return sb == null || !sb.type().equals(PROC);
  }

  /** Why a magic link cannot be read, 0 if it can. */
  static int refusal(CallContext context, long dentryKey) {
    Dentry dentry = context.state().dentries.get(dentryKey);
    Inode inode = dentry == null ? null : context.state().inodes.get(dentry.inode());
    if (inode == null || plain(context, inode)) {
      return 0;
    }
    return walk(context, dentry) instanceof PathWalk.Refused refused ? refused.errno() : 0;
  }

  private static PathWalk.Walk walk(CallContext context, Dentry dentry) {
    return PathWalk.walk(context, new Place(0, dentry.parent()), dentry.name(), PathWalk.FOLLOW, 0);
  }

  /** What the link says now; null if it is no magic link, or the ledger does not know. */
  static Bytes target(CallContext context, long dentryKey) {
    KernelState state = context.state();
    Dentry dentry = state.dentries.get(dentryKey);
    Inode inode = dentry == null ? null : state.inodes.get(dentry.inode());
    if (inode == null || plain(context, inode)) {
      return null;
    }
    if (!(walk(context, dentry) instanceof PathWalk.Found found)) {
      return null;
    }
    if (found.namespace() != 0) {
      Namespace ns = state.namespaces.require(found.namespace());
      return ns.inode() == 0 ? null : Bytes.of(ns.kind().procName() + ":[" + ns.inode() + "]");
    }
    OpenFileDescription file = state.descriptions.get(found.description());
    if (found.place().known()) {
      return PathText.of(state, found.place(), PathWalk.root(context));
    }
    return file == null || file.name().isEmpty() || file.inferred() ? null : file.name();
  }
}

package io.kledger.cli.command;

import io.kledger.kernel.KernelState;

/** Finds the namespace that an inode number on the command line means. */
final class NamespaceArgument {
  private NamespaceArgument() {}

  /** Key of the namespace, which must be there. */
  static long require(KernelState state, long inode) {
    var row = state.namespacesByInode.last(inode);
    if (row == null) {
      throw new IllegalArgumentException(
          "no namespace " + inode + " at that moment; see kledger namespaces");
    }
    return row.key();
  }
}

package io.kledger.engine.file;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Outcome;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;

/** The last component of a path, looked up in its directory (lookup_one_qstr_excl()). */
public sealed interface Lookup {
  /** The name exists. */
  record Present(Dentry dentry) implements Lookup {}

  /** The name does not exist. */
  record Absent() implements Lookup {}

  /** The ledger does not know. */
  record NotKnown() implements Lookup {}

  /** The name is too long. */
  record TooLong() implements Lookup {}

  /** Looks a name up; mounts on it are not crossed. */
  static Lookup of(CallContext context, long directory, Bytes name) {
    if (name.length() > 255) {
      return new TooLong();
    }
    KernelState state = context.state();
    Dentry child = state.child(directory, name);
    if (child == null) {
      child = Overlay.lookup(context, directory, name);
    }
    if (child != null) {
      return child.inode() == 0 ? new Absent() : new Present(child);
    }
    return Dcache.complete(state, state.dentries.require(directory))
        ? new Absent()
        : new NotKnown();
  }

  /** Remembers that a name does not exist if the kernel answered so. */
  static void learnMissing(CallContext context, long directory, Bytes name) {
    Outcome observed = context.observed();
    if (observed != null && observed.getError() == Errno.ENOENT) {
      Dcache.negative(context, directory, name);
    }
  }
}

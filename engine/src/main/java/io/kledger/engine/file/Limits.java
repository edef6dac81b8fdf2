package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.kernel.Machine;

/** Resource limits that descriptors are subject to. */
public final class Limits {
  /** Soft RLIMIT_NOFILE of the model machine. */
  private static final int MODEL_FILES = 1024;

  /** fs.nr_open: no limit can be higher. */
  private static final int NR_OPEN = 1 << 20;

  private Limits() {}

  /** RLIMIT_NOFILE of the calling process; fs.nr_open if the ledger does not know it. */
  public static int files(CallContext context) {
    Machine machine = context.state().machine.get(1);
    return machine != null && machine.model() ? MODEL_FILES : NR_OPEN;
  }
}

package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.kernel.task.ThreadGroup;

/** Resource limits that descriptors are subject to. */
public final class Limits {
  /** fs.nr_open: no limit can be higher. */
  private static final int NR_OPEN = 1 << 20;

  private Limits() {}

  /** RLIMIT_NOFILE of the calling process; fs.nr_open if the ledger does not know it. */
  public static int files(CallContext context) {
    ThreadGroup group = context.state().groups.get(context.task().group());
    long limit = group == null ? -1 : group.fileLimit();
    return limit < 0 ? NR_OPEN : (int) Math.min(limit, NR_OPEN);
  }
}

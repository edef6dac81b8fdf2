package io.kledger.engine;

import io.kledger.engine.syscall.Syscalls;
import io.kledger.engine.task.TaskBirth;
import io.kledger.kernel.KernelState;

/** Makes engines with all the rules there are. */
public final class Engines {
  /** Number of the rules' behaviour: states folded under another one are folded anew. */
  public static final int MODEL_VERSION = 1;

  private Engines() {}

  /** An engine that goes on from this state. */
  public static Engine create(KernelState state) {
    return new Engine(state, Syscalls.table(), TaskBirth::find);
  }
}

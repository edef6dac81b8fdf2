package io.kledger.engine;

import io.kledger.engine.syscall.Syscalls;
import io.kledger.engine.task.TaskBirth;
import io.kledger.kernel.KernelState;

/** Makes engines with all the rules there are. */
public final class Engines {
  private Engines() {}

  /** An engine that goes on from this state. */
  public static Engine create(KernelState state) {
    return new Engine(state, Syscalls.table(), TaskBirth::find);
  }
}

package io.kledger.engine.task;

import io.kledger.engine.CallContext;
import io.kledger.kernel.Machine;

/** Whether the engine decides what happens, or a trace tells. */
public final class Kernel {
  private Kernel() {}

  /**
   * True on the model machine: what a call or a death causes, happens at once. In a trace it
   * happens when the trace shows it.
   */
  public static boolean runs(CallContext context) {
    Machine machine = context.state().machine.get(1);
    return machine != null && machine.model();
  }
}

package io.kledger.view;

import io.kledger.abi.Constants;

/** Wait status words: wait(2). */
public final class WaitStatus {
  private WaitStatus() {}

  /** The signal that killed it, 0 if it exited by itself. */
  public static int signal(int status) {
    return status & 0x7f;
  }

  /** {@code exited:1}, {@code killed:SIGKILL}. */
  public static String note(int status) {
    return signal(status) == 0
        ? "exited:" + (status >> 8 & 0xff)
        : "killed:" + signalName(signal(status));
  }

  /** WCOREFLAG. */
  private static final int CORE_DUMPED = 0x80;

  /** True if a core was written. */
  public static boolean coreDumped(int status) {
    return signal(status) != 0 && (status & CORE_DUMPED) != 0;
  }

  /**
   * {@code exited with 1}, {@code killed by SIGSEGV (core dumped)}, as in the last line of a task's
   * trace.
   */
  public static String trace(int status) {
    return signal(status) == 0
        ? "exited with " + (status >> 8 & 0xff)
        : "killed by " + signalName(signal(status)) + (coreDumped(status) ? " (core dumped)" : "");
  }

  private static String signalName(int number) {
    return Constants.group("signal").constant(number);
  }
}

package io.kledger.engine.task;

/** Signal numbers of x86-64, those that state depends on. */
public final class Signals {
  public static final int HUP = 1;
  public static final int KILL = 9;
  public static final int CHLD = 17;
  public static final int CONT = 18;
  public static final int STOP = 19;
  public static final int TSTP = 20;
  public static final int TTIN = 21;
  public static final int TTOU = 22;

  /** _NSIG. */
  public static final int LAST = 64;

  private Signals() {}

  /** Whether a set like SigIgn of /proc/PID/status has a signal. */
  public static boolean in(long set, int signal) {
    return signal > 0 && (set >>> (signal - 1) & 1) != 0;
  }
}

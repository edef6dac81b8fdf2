package io.kledger.engine.task;

import io.kledger.abi.Constants;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Raw;

/** Wait status words as strace(1) prints them. */
public final class WaitStatus {
  private static final int DUMPED = 0x80;

  private WaitStatus() {}

  /** The tests of a status that are true: `WIFEXITED(s) && WEXITSTATUS(s) == 0`. */
  public static String tests(int word) {
    int signal = word & 0x7f;
    if (signal == 0) {
      return "{WIFEXITED(s) && WEXITSTATUS(s) == " + (word >> 8 & 0xff) + "}";
    }
    String dumped = (word & DUMPED) != 0 ? " && WCOREDUMP(s)" : "";
    return "{WIFSIGNALED(s) && WTERMSIG(s) == " + signalName(signal) + dumped + "}";
  }

  /** si_code of SIGCHLD. */
  public static String code(int word) {
    if ((word & 0x7f) == 0) {
      return "CLD_EXITED";
    }
    return (word & DUMPED) != 0 ? "CLD_DUMPED" : "CLD_KILLED";
  }

  /** si_status: the exit code, or the signal. */
  public static String detail(int word) {
    int signal = word & 0x7f;
    return signal == 0 ? Integer.toString(word >> 8 & 0xff) : signalName(signal);
  }

  private static String signalName(int signal) {
    String name = Constants.group("signal").nameOf(signal);
    return name == null ? Integer.toString(signal) : name;
  }

  /** si_pid of a siginfo as printed; -1 if it is not there, 0 if the kernel filled in nothing. */
  public static long pidOf(Raw info) {
    if (info == null) {
      return -1;
    }
    String text = Bytes.of(info.getText()).latin1();
    int at = text.indexOf("si_pid=");
    if (at < 0) {
      return text.startsWith("{") ? 0 : -1;
    }
    long value = 0;
    for (int i = at + "si_pid=".length(); i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        break;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}

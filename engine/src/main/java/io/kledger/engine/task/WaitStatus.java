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

  /** As strace prints the status of a stopped child. */
  public static String stopped(int signal) {
    return "{WIFSTOPPED(s) && WSTOPSIG(s) == " + signalName(signal) + "}";
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

  /**
   * The wait status word that a siginfo of SIGCHLD tells of; -1 if it is not about the end of a
   * process, or does not say.
   */
  public static int wordOf(Raw info) {
    String text = Bytes.of(info.getText()).latin1();
    String code = member(text, "si_code=");
    String status = member(text, "si_status=");
    boolean exited = code.contains("CLD_EXITED") || code.equals("0x1") || code.equals("1");
    boolean dumped = code.contains("CLD_DUMPED") || code.equals("0x3") || code.equals("3");
    boolean killed = code.contains("CLD_KILLED") || code.equals("0x2") || code.equals("2");
    if (!exited && !dumped && !killed || status.isEmpty()) {
      return -1;
    }
    String first = status.indexOf(' ') < 0 ? status : status.substring(0, status.indexOf(' '));
    Long value = Character.isDigit(first.charAt(0)) ? Long.decode(first) : Constants.value(first);
    if (value == null) {
      return -1;
    }
    return exited ? (value.intValue() & 0xff) << 8 : value.intValue() | (dumped ? DUMPED : 0);
  }

  private static String member(String text, String name) {
    int from = text.indexOf(name);
    if (from < 0) {
      return "";
    }
    int end = from + name.length();
    while (end < text.length() && ",}".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return text.substring(from + name.length(), end).strip();
  }

  public static String signalName(int signal) {
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

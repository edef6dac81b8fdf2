package io.kledger.abi;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Numbers of the system calls on x86-64, for calls that strace knows only by number. */
public final class SyscallNumbers {
  private static final byte[] RAW = "syscall_".getBytes(StandardCharsets.US_ASCII);
  private static final String[] NAMES = new String[1024];
  private static final Map<String, Integer> NUMBERS = new HashMap<>();

  static {
    for (String line : Resources.lines("syscalls.txt")) {
      String[] words = line.split(" ");
      int number = Integer.parseInt(words[0]);
      for (int i = 1; i < words.length; i++) {
        NAMES[number] = words[i];
        NUMBERS.put(words[i], number++);
      }
    }
  }

  private SyscallNumbers() {}

  /** The name of a call, null if the number has none. */
  public static String name(long number) {
    return number >= 0 && number < NAMES.length ? NAMES[(int) number] : null;
  }

  /** The number of a call, -1 if there is no such call. */
  public static int number(String name) {
    return NUMBERS.getOrDefault(name, -1);
  }

  /**
   * The number in strace's name for a call that it does not know, {@code syscall_0x1c9} or {@code
   * syscall_457}; -1 if the bytes are another name.
   */
  public static long rawNumber(byte[] bytes, int from, int to) {
    for (int i = 0; i < RAW.length; i++) {
      if (from + i >= to || bytes[from + i] != RAW[i]) {
        return -1;
      }
    }
    int at = from + RAW.length;
    boolean hex = to - at > 2 && bytes[at] == '0' && bytes[at + 1] == 'x';
    String digits =
        new String(bytes, hex ? at + 2 : at, to - (hex ? at + 2 : at), StandardCharsets.US_ASCII);
    if (digits.isEmpty() || digits.length() > 10) {
      return -1;
    }
    try {
      return Long.parseLong(digits, hex ? 16 : 10);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}

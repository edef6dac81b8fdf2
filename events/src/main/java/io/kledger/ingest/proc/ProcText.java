package io.kledger.ingest.proc;

import io.kledger.event.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Small readers of text from /proc. Text is handled as one char per byte. */
public final class ProcText {
  private ProcText() {}

  /** Bytes as text, one char per byte. */
  static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Text of one char per byte as bytes. */
  static ByteBuffer bytes(String latin1) {
    return ByteBuffer.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The lines of a file that are not empty. */
  public static List<ByteBuffer> lines(byte[] file) {
    List<ByteBuffer> lines = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= file.length; i++) {
      if (i == file.length || file[i] == '\n') {
        if (i > start) {
          lines.add(Bytes.of(file, start, i).toBuffer());
        }
        start = i + 1;
      }
    }
    return lines;
  }

  /** Numbers with blanks between. */
  static List<Long> numbers(String text) {
    List<Long> numbers = new ArrayList<>();
    for (String word : text.split("\\s+")) {
      if (!word.isEmpty()) {
        numbers.add(Long.parseLong(word));
      }
    }
    return numbers;
  }

  /** A number, or a default where there is none. */
  static long number(String text, int radix, long otherwise) {
    try {
      return Long.parseUnsignedLong(text.strip(), radix);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  /** Undoes three-digit octal escapes such as {@code \012}. */
  static String unescapeOctal(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    var plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && octal(text, i + 1)) {
        plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  /** Undoes what proc_task_name() does to a comm: {@code \n} and {@code \\}. */
  static String unescapeComm(String text) {
    return text.indexOf('\\') < 0
        ? text
        : text.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\");
  }

  private static boolean octal(String text, int from) {
    if (from + 3 > text.length()) {
      return false;
    }
    for (int i = from; i < from + 3; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '7') {
        return false;
      }
    }
    return true;
  }
}

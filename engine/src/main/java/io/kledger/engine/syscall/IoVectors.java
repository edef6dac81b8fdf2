package io.kledger.engine.syscall;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Raw;
import io.kledger.ingest.strace.Escapes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Arrays of struct iovec, as strace prints them. */
final class IoVectors {
  private static final Pattern ONE =
      Pattern.compile(
          "\\{iov_base=(?:\"((?:[^\"\\\\]|\\\\.)*+)\"(\\.\\.\\.)?|[^{},]*), iov_len=(\\d+)\\}");

  private IoVectors() {}

  /** The bytes that a trace shows in an array that was filled; null if it cuts them. */
  static Bytes shown(Raw vectors) {
    Matcher one = ONE.matcher(Arguments.text(vectors));
    Bytes data = Bytes.EMPTY;
    while (one.find()) {
      if (one.group(2) != null) {
        return null;
      }
      if (one.group(1) != null) {
        byte[] text = one.group(1).getBytes(StandardCharsets.ISO_8859_1);
        data = data.plus(Bytes.of(Escapes.unescape(text, 0, text.length)));
      }
    }
    return data;
  }

  /** Lengths of the buffers, in order. */
  static List<Long> lengths(Raw vectors) {
    List<Long> lengths = new ArrayList<>();
    Matcher one = ONE.matcher(Arguments.text(vectors));
    while (one.find()) {
      lengths.add(Arguments.number(one.group(3), 0));
    }
    return lengths;
  }

  /** The bytes that an array sends; null if not all of them are shown. */
  static Bytes data(Raw vectors) {
    Matcher one = ONE.matcher(Arguments.text(vectors));
    Bytes data = Bytes.EMPTY;
    while (one.find()) {
      if (one.group(1) == null && !one.group(3).equals("0") || one.group(2) != null) {
        return null;
      }
      byte[] text =
          (one.group(1) == null ? "" : one.group(1)).getBytes(StandardCharsets.ISO_8859_1);
      byte[] bytes = Escapes.unescape(text, 0, text.length);
      if (bytes.length != Arguments.number(one.group(3), -1)) {
        return null;
      }
      data = data.plus(Bytes.of(bytes));
    }
    return data;
  }

  /** The array after a call that received some bytes; null if they are not known. */
  static Raw filled(Raw vectors, Bytes data) {
    if (data == null) {
      return null;
    }
    Matcher one = ONE.matcher(Arguments.text(vectors));
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (one.find()) {
      int length = (int) Math.min(Integer.MAX_VALUE, Arguments.number(one.group(3), 0));
      int end = at + Math.min(length, data.length() - at);
      text.append(text.isEmpty() ? "[" : ", ")
          .append("{iov_base=\"")
          .append(Escapes.escaped(data.slice(at, end).toArray()))
          .append("\", iov_len=")
          .append(one.group(3))
          .append("}");
      at = end;
    }
    if (text.isEmpty()) {
      return vectors;
    }
    return new Raw(
        Bytes.of(text.append("]").toString().getBytes(StandardCharsets.ISO_8859_1)).toBuffer());
  }
}

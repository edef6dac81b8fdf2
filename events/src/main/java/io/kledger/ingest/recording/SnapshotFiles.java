package io.kledger.ingest.recording;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;

/**
 * The files of one snapshot. Its state is the state exactly after line {@code line} of the trace.
 *
 * @param number the snapshot's number, from 0
 * @param line 1-based line of the trace
 * @param clean no call had returned in the kernel without being printed, and no task was running
 * @param position all keys of the file {@code position}
 * @param files name and content of each file
 */
public record SnapshotFiles(
    int number,
    long line,
    boolean clean,
    Map<String, String> position,
    SortedMap<String, byte[]> files) {

  static SnapshotFiles of(String number, SortedMap<String, byte[]> files) throws IOException {
    byte[] text = files.get("position");
    if (text == null) {
      throw new IOException("snapshot " + number + " has no position");
    }
    Map<String, String> keys = new LinkedHashMap<>();
    for (String line : new String(text, StandardCharsets.ISO_8859_1).split("\n")) {
      int blank = line.indexOf(' ');
      keys.put(
          blank < 0 ? line : line.substring(0, blank), blank < 0 ? "" : line.substring(blank + 1));
    }
    try {
      return new SnapshotFiles(
          Integer.parseInt(number),
          Long.parseLong(keys.getOrDefault("line", "")),
          "yes".equals(keys.get("clean")),
          Map.copyOf(keys),
          files);
    } catch (NumberFormatException e) {
      throw new IOException("snapshot " + number + " has no line number", e);
    }
  }
}

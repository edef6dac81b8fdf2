package io.kledger.ingest.recording;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads a ustar archive into memory. It knows regular files and directories only: a recording has
 * no links, and an archive that names a file outside itself is refused.
 */
final class TarReader {
  private static final int BLOCK = 512;

  private final InputStream in;
  private final long limit;
  private final byte[] header = new byte[BLOCK];
  private long total;

  TarReader(InputStream in, long limit) {
    this.in = in;
    this.limit = limit;
  }

  /** All regular files by their path in the archive. */
  SortedMap<String, byte[]> readAll() throws IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    while (nextHeader()) {
      String path = checked(path());
      long size = size();
      switch (header[156]) {
        case '0', 0 -> {
          if (files.put(path, body(size)) != null) {
            throw new IOException("tar: " + path + " occurs twice");
          }
        }
        case '5' -> {
          if (size != 0) {
            throw new IOException("tar: directory " + path + " has a size");
          }
        }
        default ->
            throw new IOException(
                "tar: " + path + " is of type '" + (char) header[156] + "', not a file");
      }
    }
    return files;
  }

  private boolean nextHeader() throws IOException {
    int n = in.readNBytes(header, 0, BLOCK);
    if (n == 0) {
      return false;
    }
    if (n < BLOCK) {
      throw new EOFException("tar: the archive ends within a header");
    }
    if (header[0] == 0) {
      return false;
    }
    if (!field(257, 5).equals("ustar")) {
      throw new IOException("tar: not a ustar header");
    }
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    if (sum != octal(148, 8)) {
      throw new IOException("tar: wrong header checksum");
    }
    return true;
  }

  private byte[] body(long size) throws IOException {
    total += size;
    if (total > limit) {
      throw new IOException("tar: more than " + limit + " bytes of files");
    }
    byte[] data = in.readNBytes((int) size);
    int padding = (int) (-size & (BLOCK - 1));
    if (data.length < size || in.readNBytes(padding).length < padding) {
      throw new EOFException("tar: the archive ends within a file");
    }
    return data;
  }

  private String path() {
    String prefix = field(345, 155);
    String name = field(0, 100);
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  static String checked(String path) throws IOException {
    String plain = path;
    while (plain.startsWith("./")) {
      plain = plain.substring(2);
    }
    while (plain.endsWith("/")) {
      plain = plain.substring(0, plain.length() - 1);
    }
    if (plain.startsWith("/") || plain.indexOf('\\') >= 0) {
      throw new IOException("tar: path " + path + " is not relative");
    }
    for (String part : plain.split("/")) {
      if (part.equals("..")) {
        throw new IOException("tar: path " + path + " leaves the archive");
      }
    }
    return plain;
  }

  private long size() throws IOException {
    long size = octal(124, 12);
    if (size > Integer.MAX_VALUE - BLOCK) {
      throw new IOException("tar: a file of " + size + " bytes");
    }
    return size;
  }

  private long octal(int from, int length) throws IOException {
    String digits = field(from, length).strip();
    try {
      long value = digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // reported below, with the digits
    }
    throw new IOException("tar: '" + digits + "' is not an octal number");
  }

  private String field(int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return new String(header, from, end - from, StandardCharsets.UTF_8);
  }
}

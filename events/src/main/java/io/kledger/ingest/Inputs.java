package io.kledger.ingest;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Opens what is to be read: plain or compressed (gzip, xz, zstd by their first bytes), or stdin.
 */
public final class Inputs {
  /** A file may grow to this size when it is decompressed. */
  public static final long DEFAULT_LIMIT = 1L << 40;

  /** What xz may ask for; its own presets need 65 MiB at most. */
  private static final int XZ_MEMORY_KIB = 128 << 10;

  private static final int BUFFER = 1 << 16;

  private Inputs() {}

  /** Opens a file, {@code -} is standard input. */
  public static InputStream open(String name) throws IOException {
    return open(name, DEFAULT_LIMIT);
  }

  /**
   * Opens a file, {@code -} is standard input.
   *
   * @param limit reading fails after so many decompressed bytes
   */
  public static InputStream open(String name, long limit) throws IOException {
    InputStream raw = name.equals("-") ? System.in : Files.newInputStream(Path.of(name));
    try {
      return open(raw, name, limit);
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  /** Decompresses a stream if its first bytes say that it is compressed. */
  public static InputStream open(InputStream raw, String name, long limit) throws IOException {
    BufferedInputStream in = new BufferedInputStream(raw, BUFFER);
    in.mark(6);
    byte[] magic = in.readNBytes(6);
    in.reset();
    if (starts(magic, 0x1f, 0x8b)) {
      return new Bounded(new GZIPInputStream(in, BUFFER), name, limit);
    }
    if (starts(magic, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      return new Bounded(new XZInputStream(in, XZ_MEMORY_KIB), name, limit);
    }
    if (starts(magic, 0x28, 0xb5, 0x2f, 0xfd)) {
      return new Bounded(new ZstdInputStream(in), name, limit);
    }
    return in;
  }

  private static boolean starts(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if (bytes[i] != (byte) magic[i]) {
        return false;
      }
    }
    return true;
  }

  /** Fails after a number of bytes, so that a small file cannot fill a disk or a day. */
  private static final class Bounded extends FilterInputStream {
    private final String name;
    private final long limit;
    private long left;

    Bounded(InputStream in, String name, long limit) {
      super(in);
      this.name = name;
      this.limit = limit;
      this.left = limit;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count(b < 0 ? 0 : 1);
      return b;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      int n = super.read(target, from, length);
      count(n);
      return n;
    }

    @Override
    public long skip(long n) throws IOException {
      long skipped = super.skip(n);
      count(skipped);
      return skipped;
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    private void count(long n) throws IOException {
      left -= Math.max(0, n);
      if (left < 0) {
        throw new IOException(name + ": more than " + limit + " bytes when decompressed");
      }
    }
  }
}

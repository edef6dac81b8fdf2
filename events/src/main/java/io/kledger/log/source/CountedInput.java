package io.kledger.log.source;

import io.kledger.log.SourceProgress;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Counts and digests what is read through it. */
final class CountedInput extends FilterInputStream {

  private final MessageDigest digest = Digests.sha256();
  private final MessageDigest head = Digests.sha256();
  private long bytes;
  private long lines;

  CountedInput(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = in.read(into, offset, length);
    if (read > 0) {
      digest.update(into, offset, read);
      if (bytes < SourceProgress.HEAD_BYTES) {
        head.update(into, offset, (int) Math.min(read, SourceProgress.HEAD_BYTES - bytes));
      }
      for (int i = offset; i < offset + read; i++) {
        lines += into[i] == '\n' ? 1 : 0;
      }
      bytes += read;
    }
    return read;
  }

  @Override
  public long skip(long n) throws IOException {
    return n <= 0 ? 0 : readNBytes((int) Math.min(n, 1 << 16)).length;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  long bytes() {
    return bytes;
  }

  SourceProgress progress(int number, long opened, Source source, boolean complete) {
    return new SourceProgress(
        number,
        opened,
        source.name(),
        source.format(),
        lines,
        bytes,
        Digests.soFar(digest),
        Digests.soFar(head),
        complete);
  }
}

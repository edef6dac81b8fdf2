package io.kledger.log.source;

import io.kledger.log.SourceProgress;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds which known source a stream begins with: the longest whose bytes are a prefix of it.
 *
 * @param known the source, null if it begins with none
 * @param content the whole stream, from its first byte
 * @param ended whether the stream has no byte beyond the known ones
 */
record PrefixMatch(SourceProgress known, InputStream content, boolean ended) {

  private static final int CHUNK = 64 << 10;

  static PrefixMatch find(SourceInput input, List<SourceProgress> sources) throws IOException {
    var stream = input.open();
    if (sources.isEmpty()) {
      // Nothing to compare with: reading ahead would only make a live source wait.
      return new PrefixMatch(null, stream, false);
    }
    try {
      byte[] head = stream.readNBytes(SourceProgress.HEAD_BYTES);
      var candidates =
          sources.stream()
              .filter(source -> beginsWith(head, source))
              .sorted(Comparator.comparingLong(SourceProgress::bytes))
              .toList();
      if (candidates.isEmpty()) {
        return new PrefixMatch(null, join(head, stream), head.length == 0);
      }
      if (input.reopens()) {
        var found = compare(head, stream, candidates, OutputStream.nullOutputStream());
        stream.close();
        return new PrefixMatch(found.known, input.open(), found.ended);
      }
      return spooled(head, stream, candidates);
    } catch (IOException | RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  private static PrefixMatch spooled(
      byte[] head, InputStream stream, List<SourceProgress> candidates) throws IOException {
    var spool = Files.createTempFile("kledger-source", ".tmp");
    try {
      Found found;
      try (var out = Files.newOutputStream(spool)) {
        found = compare(head, stream, candidates, out);
      }
      var content = new SequenceInputStream(new Spool(spool), stream);
      return new PrefixMatch(found.known, content, found.ended);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(spool);
      throw e;
    }
  }

  /** A temporary file that goes away when it was read. */
  private static final class Spool extends FilterInputStream {
    private final Path path;

    Spool(Path path) throws IOException {
      super(Files.newInputStream(path));
      this.path = path;
    }

    @Override
    public void close() throws IOException {
      super.close();
      Files.deleteIfExists(path);
    }
  }

  private record Found(SourceProgress known, boolean ended) {}

  /** Reads up to one byte beyond the longest candidate; what was read goes to {@code copy}. */
  private static Found compare(
      byte[] head, InputStream rest, List<SourceProgress> candidates, OutputStream copy)
      throws IOException {
    var stream = join(head, rest);
    var digest = Digests.sha256();
    byte[] chunk = new byte[CHUNK];
    SourceProgress known = null;
    boolean ended = false;
    long done = 0;
    for (var candidate : candidates) {
      while (done < candidate.bytes()) {
        int read = stream.read(chunk, 0, (int) Math.min(CHUNK, candidate.bytes() - done));
        if (read < 0) {
          return new Found(known, known != null && known.bytes() == done);
        }
        digest.update(chunk, 0, read);
        copy.write(chunk, 0, read);
        done += read;
      }
      if (MessageDigest.isEqual(Digests.soFar(digest), candidate.sha256())) {
        known = candidate;
      }
    }
    int more = stream.read();
    if (more < 0) {
      ended = known != null && known.bytes() == done;
    } else {
      copy.write(more);
    }
    return new Found(known, ended);
  }

  /** A source of which nothing was consumed is no prefix of anything, but equal to an empty one. */
  private static boolean beginsWith(byte[] head, SourceProgress source) {
    int covered = (int) Math.min(source.bytes(), SourceProgress.HEAD_BYTES);
    if (covered == 0) {
      return source.complete() && head.length == 0;
    }
    return head.length >= covered
        && MessageDigest.isEqual(
            Digests.sha256().digest(Arrays.copyOf(head, covered)), source.head());
  }

  private static InputStream join(byte[] head, InputStream rest) {
    return new SequenceInputStream(new ByteArrayInputStream(head), rest);
  }
}

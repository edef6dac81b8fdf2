package io.kledger.ingest.strace;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/**
 * Prints how fast the corpus, concatenated, is read, per second of CPU time. Run it with {@code
 * main}.
 */
final class IngestSpeed {
  private IngestSpeed() {}

  public static void main(String[] args) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Path archive : Corpus.archives()) {
      all.writeBytes(Corpus.trace(archive));
    }
    byte[] text = all.toByteArray();
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 10;
    for (int round = 0; round < rounds; round++) {
      long start = cpu();
      long[] events = new long[1];
      StraceOptions options = StraceOptions.of("corpus").withSalvage(true);
      StraceReader reader = StraceReader.open(new ByteArrayInputStream(text), options);
      reader.read(event -> ++events[0]);
      double seconds = (cpu() - start) / 1e9;
      System.out.printf(
          "%,d lines, %,d bytes, %,d events: %.0f klines/s, %.0f MB/s%n",
          reader.lines(),
          text.length,
          events[0],
          reader.lines() / seconds / 1e3,
          text.length / seconds / 1e6);
    }
  }

  /** CPU time of this thread: other programs on the machine do not count. */
  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}

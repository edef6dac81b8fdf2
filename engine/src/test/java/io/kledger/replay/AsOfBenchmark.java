package io.kledger.replay;

import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.task.Task;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How long it takes to list the open files of a task as of a random position, for logs of growing
 * length: it must not grow with them.
 *
 * <p>Arguments: events of the longest log, events per commit.
 */
final class AsOfBenchmark {
  private static final int QUESTIONS = 500;

  private AsOfBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    long most = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1_000_000;
    int batch = arguments.length > 1 ? Integer.parseInt(arguments[1]) : Replayer.BATCH;
    Path directory = Files.createTempDirectory("as-of-benchmark");
    LedgerUri uri = new LedgerUri.Directory(directory);
    for (long events = most / 100; events <= most; events *= 10) {
      try (EventLog log = EventLog.open(uri, LogOptions.DEFAULTS.withSync(false))) {
        SyntheticKernel.append(log, 1, events);
      }
      LedgerOptions options = LedgerOptions.of(SyntheticKernel::engine, 1).withBatch(batch);
      try (Ledger ledger = Ledger.open(uri, null, options)) {
        ledger.catchUp();
        ask(ledger, events);
        report(events, batch, ask(ledger, events));
      }
    }
  }

  private static long[] ask(Ledger ledger, long events) {
    SplittableRandom random = new SplittableRandom(events);
    long[] nanos = new long[QUESTIONS];
    for (int i = 0; i < QUESTIONS; i++) {
      long at = 1 + random.nextLong(events);
      long begin = System.nanoTime();
      try (AsOf then = ledger.stateAt(at)) {
        Task task = then.state().task(100 + random.nextInt(12));
        if (task != null) {
          for (long key : then.state().fdsByTable.keys(task.files())) {
            FdSlot slot = then.state().fds.get(key);
            then.state().descriptions.require(slot.description());
          }
        }
      }
      nanos[i] = System.nanoTime() - begin;
    }
    Arrays.sort(nanos);
    return nanos;
  }

  private static void report(long events, int batch, long[] sorted) {
    System.out.printf(
        "%d events, %d per commit: p50 %.2f ms, p99 %.2f ms%n",
        events, batch, sorted[QUESTIONS / 2] / 1e6, sorted[QUESTIONS * 99 / 100] / 1e6);
  }
}

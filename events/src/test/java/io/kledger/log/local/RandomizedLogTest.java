package io.kledger.log.local;

import static io.kledger.log.local.LogFixture.M;
import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.avro.Event;
import io.kledger.log.Appender;
import io.kledger.log.Cursor;
import io.kledger.log.LogOptions;
import io.kledger.log.SampleEvents;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log against a list. */
class RandomizedLogTest {

  private static final int RUNS = 40;
  private static final int STEPS = 120;

  @TempDir Path directory;

  @Test
  void theLogIsTheListOfWhatWasCommitted() throws Exception {
    long start = System.nanoTime();
    for (long seed = start; seed < start + RUNS; seed++) {
      try {
        new Run(directory.resolve("run" + seed), seed).steps();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  /** One history of a log. */
  private static final class Run {
    private final Path directory;
    private final Random random;
    private final LogOptions options;
    private final List<Event> committed = new ArrayList<>();
    private final List<Event> pending = new ArrayList<>();
    private LocalEventLog log;
    private Appender appender;
    private Cursor follower;
    private int followed;

    Run(Path directory, long seed) {
      this.directory = directory;
      random = new Random(seed);
      options =
          LogOptions.DEFAULTS
              .withSync(false)
              .withBatchBytes(1 + random.nextInt(random.nextBoolean() ? 300 : 30_000))
              .withSegmentBytes(1 + random.nextInt(40_000))
              .withZstdLevel(random.nextInt(4));
      log = LogFixture.open(directory, options);
      appender = log.appender(M);
      follower = log.read(M, 1);
    }

    void steps() throws Exception {
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(10)) {
          case 0, 1, 2, 3 -> append(random.nextInt(60));
          case 4, 5 -> commit();
          case 6 -> readFrom(1 + random.nextInt(committed.size() + 3));
          case 7 -> follow();
          case 8 -> reopen();
          default -> loseIndexes();
        }
        assertThat(log.end(M)).isEqualTo(appender.committed());
      }
      commit();
      readFrom(1);
      follow();
      assertThat(followed).isEqualTo(committed.size());
      log.close();
    }

    private void append(int count) {
      for (int i = 0; i < count; i++) {
        var event = SampleEvents.random(random);
        long position = appender.append(event);
        pending.add(event);
        assertThat(position).isEqualTo(committed.size() + pending.size());
        acknowledgeUpTo(appender.committed());
      }
    }

    private void commit() {
      assertThat(appender.commit()).isEqualTo(committed.size() + pending.size());
      acknowledgeUpTo(appender.committed());
    }

    /** A full segment is acknowledged on its own. */
    private void acknowledgeUpTo(long position) {
      while (committed.size() < position) {
        committed.add(pending.removeFirst());
      }
    }

    private void readFrom(int from) {
      try (var cursor = log.read(M, from)) {
        for (int i = from; i <= committed.size(); i++) {
          assertThat(cursor.next()).isEqualTo(committed.get(i - 1));
        }
        assertThat(cursor.next()).isNull();
      }
    }

    private void follow() {
      for (var event = follower.next(); event != null; event = follower.next()) {
        assertThat(event).isEqualTo(committed.get(followed++));
      }
      assertThat(followed).isEqualTo(committed.size());
    }

    private void reopen() {
      log.close();
      pending.clear();
      log = LogFixture.open(directory, options);
      follower = log.read(M, followed + 1);
      appender = log.appender(M);
      assertThat(appender.next()).isEqualTo(committed.size() + 1);
    }

    private void loseIndexes() throws Exception {
      var files = LogFixture.files(directory);
      for (long base : files.segments()) {
        if (random.nextBoolean()) {
          Files.deleteIfExists(files.index(base));
        }
      }
    }
  }
}

package io.kledger.log.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.SourceOpened;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.log.source.SourceTracker.Result;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTrackerTest {

  private static final MachineId M = MachineId.of("m");
  private static final LogOptions SMALL = LogOptions.DEFAULTS.withBatchBytes(500).withSync(false);

  @TempDir Path directory;

  @Test
  void theSameContentIsTakenInOnce() throws Exception {
    var text = trace(500, 1);
    var first = take(text, "a", false);
    assertThat(first.resumed()).isFalse();
    assertThat(first.appended()).isGreaterThan(300);
    var events = stored();
    for (boolean stream : List.of(false, true)) {
      var again = take(text, "b" + stream, stream);
      assertThat(again).isEqualTo(new Result(1, true, 0, 0, 0, 0));
      assertThat(stored()).isEqualTo(events);
    }
  }

  @Test
  void whatASourceGrewByIsAppended() throws Exception {
    var whole = trace(800, 2);
    var length = whole.indexOf('\n', whole.length() / 3) + 1;
    var expected = eventsOf(whole);
    var first = take(whole.substring(0, length), "a", false);
    var second = take(whole, "a", true);
    assertThat(second.resumed()).isTrue();
    assertThat(second.skipped()).isEqualTo(first.appended());
    assertThat(second.different()).isZero();
    assertThat(bodies(stored())).isEqualTo(expected);
  }

  @Test
  void otherContentIsAnotherSource() throws Exception {
    var text = trace(300, 3);
    var changed = text.substring(0, 5000) + "!" + text.substring(5001);
    assertThat(take(text, "a", false).source()).isEqualTo(1);
    var second = take(changed, "a", true);
    assertThat(second).isEqualTo(new Result(2, false, second.appended(), 0, 0, 0));
    var third = take(trace(300, 4), "a", false);
    assertThat(third.source()).isEqualTo(3);
    assertThat(third.resumed()).isFalse();
    assertThat(take(changed, "c", false)).isEqualTo(new Result(2, true, 0, 0, 0, 0));
    assertThat(stored().stream().filter(e -> e.getBody() instanceof SourceOpened)).hasSize(3);
  }

  @Test
  void anEmptySourceIsTakenInOnceToo() throws Exception {
    assertThat(take("", "empty", false).resumed()).isFalse();
    assertThat(take("", "empty", true).resumed()).isTrue();
    assertThat(take("x\n", "x", false).resumed()).isFalse();
    assertThat(stored()).hasSize(3);
  }

  /** An import ends anywhere, several times, with other sources between; the last one ends. */
  @Test
  void anInterruptedImportGoesOn() throws Exception {
    var parent = directory;
    for (long seed = 1; seed <= 60; seed++) {
      var random = new Random(seed);
      directory = parent.resolve("seed" + seed);
      var text = trace(400, seed);
      var expected = eventsOf(text);
      for (int attempt = random.nextInt(4); attempt > 0; attempt--) {
        takePart(text, random.nextInt(expected.size()), 1 + random.nextInt(90), random);
        if (random.nextInt(3) == 0) {
          take("other " + random.nextInt(3) + "\n", "other", false);
        }
      }
      var result = take(text, "whole", random.nextBoolean());
      assertThat(result.different()).as("seed %d", seed).isZero();
      assertThat(bodies(ofSource(result.source()))).as("seed %d", seed).isEqualTo(expected);
      assertThat(take(text, "again", false).appended()).as("seed %d", seed).isZero();
    }
  }

  /** Stops after some events; what was not committed is dropped. */
  private void takePart(String text, int events, int commitEvery, Random random)
      throws IOException {
    try (var log = open();
        var appender = log.appender(M);
        var tracker = SourceTracker.open(log, appender, source("part"), input(text, false))) {
      int[] count = {0};
      try {
        LineReader.read(
            tracker.input(),
            event -> {
              if (count[0]++ == events) {
                throw new StopException();
              }
              long position = tracker.accept(event);
              if (random.nextInt(commitEvery) == 0) {
                tracker.commit();
              }
              return position;
            });
      } catch (StopException e) {
        // That is the interruption.
      }
    }
  }

  private static final class StopException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private Result take(String text, String name, boolean stream) throws IOException {
    try (var log = open();
        var appender = log.appender(M);
        var tracker = SourceTracker.open(log, appender, source(name), input(text, stream))) {
      if (!tracker.upToDate()) {
        LineReader.read(tracker.input(), tracker::accept);
      }
      return tracker.finish();
    }
  }

  private EventLog open() {
    return EventLog.open(new LedgerUri.Directory(directory), SMALL);
  }

  private static Source source(String name) {
    return new Source(name, "lines", "");
  }

  private static SourceInput input(String text, boolean stream) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    return stream
        ? SourceInput.stream(new ByteArrayInputStream(bytes))
        : () -> new ByteArrayInputStream(bytes);
  }

  private List<Event> stored() {
    var events = new ArrayList<Event>();
    try (var log = open();
        var cursor = log.read(M, 1)) {
      for (var event = cursor.next(); event != null; event = cursor.next()) {
        events.add(event);
      }
    }
    return events;
  }

  private List<Event> ofSource(int number) {
    return stored().stream().filter(event -> event.getSource() == number).toList();
  }

  private static List<Object> bodies(List<Event> events) {
    return events.stream()
        .filter(event -> !(event.getBody() instanceof SourceOpened))
        .map(event -> (Object) List.of(event.getLine(), event.getBody()))
        .toList();
  }

  private static List<Object> eventsOf(String text) throws IOException {
    var events = new ArrayList<Event>();
    LineReader.read(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
        event -> {
          events.add(event);
          return events.size();
        });
    return bodies(events);
  }

  private static String trace(int lines, long seed) {
    var random = new Random(seed);
    var text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      text.append("#1112+x".charAt(random.nextInt(7)))
          .append(" line ")
          .append(random.nextInt(1000))
          .append(" of seed ")
          .append(seed)
          .append('\n');
    }
    return text.toString();
  }
}

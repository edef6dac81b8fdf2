package io.kledger.log.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.log.SampleEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What the tests of the local log have in common. */
final class LogFixture {

  static final MachineId M = MachineId.of("m");

  /** Small batches and segments, so that few events make many of both. */
  static final LogOptions SMALL = LogOptions.DEFAULTS.withBatchBytes(600).withSync(false);

  private LogFixture() {}

  static LocalEventLog open(Path directory, LogOptions options) {
    return LocalEventLog.open(new LedgerUri.Directory(directory), options);
  }

  static MachineFiles files(Path directory) {
    return new MachineFiles(directory.resolve("machines/m"), M);
  }

  /** The event that {@link #append} puts at a position. */
  static Event at(long position) {
    var event = SampleEvents.nth(position);
    event.put(0, position);
    return event;
  }

  /** Appends the events up to a position, and commits. */
  static void append(LocalEventLog log, long upTo) {
    try (var appender = log.appender(M)) {
      while (appender.next() <= upTo) {
        appender.append(SampleEvents.nth(appender.next()));
      }
      assertThat(appender.commit()).isEqualTo(upTo);
    }
  }

  static List<Event> readAll(LocalEventLog log, long from) {
    var events = new ArrayList<Event>();
    try (var cursor = log.read(M, from)) {
      for (var event = cursor.next(); event != null; event = cursor.next()) {
        events.add(event);
      }
    }
    return events;
  }

  /** Reads everything and demands events 1 to {@code end} as {@link #append} makes them. */
  static void assertHolds(LocalEventLog log, long end) {
    assertThat(log.end(M)).isEqualTo(end);
    var events = readAll(log, 1);
    assertThat(events).hasSize((int) end);
    for (int i = 0; i < end; i++) {
      assertThat(events.get(i)).isEqualTo(at(i + 1));
    }
  }

  static Path lastSegment(Path directory) {
    var segments = files(directory).segments();
    return files(directory).segment(segments[segments.length - 1]);
  }

  static void copy(Path from, Path to) throws IOException {
    try (var paths = Files.walk(from)) {
      for (var path : paths.sorted(Comparator.naturalOrder()).toList()) {
        var target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
  }

  static List<Path> torn(Path directory) throws IOException {
    try (var paths = Files.list(files(directory).directory())) {
      return paths.filter(path -> path.toString().endsWith(".torn")).toList();
    }
  }
}

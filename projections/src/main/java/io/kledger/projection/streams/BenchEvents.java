package io.kledger.projection.streams;

import io.kledger.event.avro.Event;
import io.kledger.ingest.Inputs;
import io.kledger.ingest.proc.SnapshotReader;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Events to measure with: those of traces and recordings, one after the other, again and again. */
final class BenchEvents {
  private BenchEvents() {}

  /** The events of each machine; equal machines of {@code wanted} events in all, at least. */
  static List<List<Event>> machines(List<String> files, int count, long wanted) throws IOException {
    List<Event> one = new ArrayList<>();
    List<List<Event>> parts = new ArrayList<>();
    for (String file : files) {
      parts.add(read(file));
    }
    while (one.size() < wanted / count) {
      parts.forEach(one::addAll);
    }
    List<List<Event>> machines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      machines.add(one.subList(0, (int) Math.min(one.size(), Math.max(1, wanted / count))));
    }
    return machines;
  }

  private static List<Event> read(String file) throws IOException {
    List<Event> events = new ArrayList<>();
    Path path = Path.of(file);
    InputStream text;
    if (Files.isDirectory(path) || file.endsWith(".tar.gz")) {
      RecordingArchive archive = RecordingArchive.open(path);
      events.addAll(SnapshotReader.events(archive.recorder(), archive.snapshots().getFirst(), 1));
      text = archive.trace();
    } else {
      text = Inputs.open(file);
    }
    try (StraceReader reader = StraceReader.open(text, StraceOptions.of(file).withSalvage(true))) {
      reader.read(
          event -> {
            events.add(event);
            return events.size();
          });
    }
    if (events.isEmpty()) {
      throw new IOException(file + " has no events");
    }
    return events;
  }
}

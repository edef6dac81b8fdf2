package io.kledger.replay;

import io.kledger.event.avro.Event;
import io.kledger.ingest.proc.SnapshotReader;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The events of the project's recordings of a real kernel. */
final class Recordings {
  private Recordings() {}

  /** The packed recordings, by path; empty where the corpus is not there. */
  static List<Path> all() throws IOException {
    Path corpus = Path.of(System.getProperty("kledger.home", ".")).resolve("corpus");
    if (!Files.isDirectory(corpus)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(corpus)) {
      return files
          .filter(file -> file.toString().endsWith(".tar.gz"))
          .filter(file -> !file.getParent().endsWith("audit"))
          .sorted()
          .toList();
    }
  }

  /** First the observations of its first snapshot, then the trace from there. No positions yet. */
  static List<Event> events(Path recording, int source) throws IOException {
    RecordingArchive archive = RecordingArchive.open(recording);
    SnapshotFiles first = archive.snapshots().getFirst();
    List<Event> events = new ArrayList<>(SnapshotReader.events(archive.recorder(), first, source));
    StraceOptions options =
        StraceOptions.of(recording.getFileName().toString()).withSource(source).withSalvage(true);
    try (StraceReader reader = StraceReader.open(archive.trace(), options)) {
      reader.read(
          event -> {
            if (event.getLine() > first.line()) {
              events.add(event);
            }
            return events.size();
          });
    }
    return events;
  }
}

package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.ingest.Inputs;
import io.kledger.ingest.proc.SnapshotReader;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import io.kledger.log.source.Source;
import io.kledger.log.source.SourceInput;
import io.kledger.log.source.SourceTracker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Takes traces and recordings into a log. */
final class Importer {
  private static final int COMMIT_EVERY = 20_000;

  private final EventLog log;
  private final boolean salvage;
  private final String boot;
  private final Progress progress;
  private long gaps;
  private long rejected;

  /** Hears how far it is. */
  @FunctionalInterface
  interface Progress {
    void read(long bytes, long events);
  }

  /**
   * What came of one source.
   *
   * @param result null if it was known to its end
   */
  record Imported(SourceTracker.Result result, long gaps, long rejected) {}

  /**
   * Imports into a log.
   *
   * @param boot id of the boot that the sources are of; null if that is not known
   */
  Importer(EventLog log, boolean salvage, String boot, Progress progress) {
    this.log = log;
    this.salvage = salvage;
    this.boot = boot;
    this.progress = progress;
  }

  /** Whether a path is a recording: a directory with a trace, or a packed one. */
  static boolean recording(String name) {
    return name.endsWith(".tar.gz") || Files.exists(Path.of(name).resolve("trace.strace"));
  }

  /** The machine's name if the user gives none: that of the file. */
  static MachineId machine(String name) {
    if (name.equals("-")) {
      return new MachineId("stdin");
    }
    String file = Path.of(name).toAbsolutePath().normalize().getFileName().toString();
    return MachineId.sanitized(
        file.replaceAll("\\.(tar\\.gz|gz|xz|zst|strace|txt|log)$", "")
            .replaceAll("\\.strace$", ""));
  }

  /** Takes in one file. */
  Imported read(MachineId machine, String name) throws IOException {
    gaps = 0;
    rejected = 0;
    try (Appender appender = log.appender(machine)) {
      return recording(name) ? recording(appender, name) : trace(appender, name);
    }
  }

  private Imported trace(Appender appender, String name) throws IOException {
    SourceInput input =
        name.equals("-") ? SourceInput.stream(Inputs.open("-")) : () -> Inputs.open(name);
    return take(appender, new Source(name, "strace", ""), input, name, 0, List.of());
  }

  /** A recording: its first snapshot is the state from which the trace goes on. */
  private Imported recording(Appender appender, String name) throws IOException {
    RecordingArchive archive = RecordingArchive.open(Path.of(name));
    List<SnapshotFiles> snapshots = archive.snapshots();
    RecordingArchive.Recorder recorder = archive.recorder();
    Source source = new Source(archive.name(), "strace", recorder.tracer());
    if (snapshots.isEmpty()) {
      return take(appender, source, archive::trace, name, 0, List.of());
    }
    SnapshotFiles first = snapshots.getFirst();
    List<Event> start = SnapshotReader.events(recorder, first, 0);
    return take(appender, source, archive::trace, name, first.line(), start);
  }

  private Imported take(
      Appender appender,
      Source source,
      SourceInput input,
      String name,
      long after,
      List<Event> start)
      throws IOException {
    try (SourceTracker tracker = SourceTracker.open(log, appender, source, input)) {
      if (tracker.upToDate()) {
        return new Imported(tracker.finish(), 0, 0);
      }
      if (boot != null && tracker.known() == null) {
        appender.append(Boots.event(boot));
      }
      start.forEach(tracker::accept);
      StraceOptions options = StraceOptions.of(name).withSalvage(salvage);
      StraceReader reader = StraceReader.open(tracker.input(), options);
      long[] count = {0};
      reader.read(
          event -> {
            if (event.getLine() <= after) {
              return 0;
            }
            if (event.getBody() instanceof Gap gap) {
              gaps++;
              rejected += gap.getText() == null ? 0 : 1;
            }
            long position = tracker.accept(event);
            if (++count[0] % COMMIT_EVERY == 0) {
              tracker.commit();
              progress.read(tracker.bytes(), count[0]);
            }
            return position;
          });
      progress.read(tracker.bytes(), count[0]);
      return new Imported(tracker.finish(), gaps, rejected);
    }
  }
}

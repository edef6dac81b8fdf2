package io.kledger.ingest.load;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.MountsObserved;
import io.kledger.ingest.Inputs;
import io.kledger.ingest.audit.AuditOptions;
import io.kledger.ingest.audit.AuditReader;
import io.kledger.ingest.proc.ProcText;
import io.kledger.ingest.proc.SnapshotReader;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.ingest.strace.EventSink;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import io.kledger.log.source.Source;
import io.kledger.log.source.SourceInput;
import io.kledger.log.source.SourceTracker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Takes traces and recordings into a log. */
public final class Importer {
  private static final int COMMIT_EVERY = 20_000;

  private final EventLog log;
  private final boolean salvage;
  private final String boot;
  private final Progress progress;
  private long gaps;
  private long rejected;

  /** Hears how far it is. */
  @FunctionalInterface
  public interface Progress {
    void read(long bytes, long events);
  }

  /**
   * What came of one source.
   *
   * @param knownToItsEnd the same bytes were taken in before: they were not read again
   */
  public record Imported(
      SourceTracker.Result result, long gaps, long rejected, boolean knownToItsEnd) {}

  /**
   * Imports into a log.
   *
   * @param boot id of the boot that the sources are of; null if that is not known
   */
  public Importer(EventLog log, boolean salvage, String boot, Progress progress) {
    this.log = log;
    this.salvage = salvage;
    this.boot = boot;
    this.progress = progress;
  }

  /** Whether a path is a recording: a directory with a trace, or a packed one. */
  public static boolean recording(String name) {
    return name.endsWith(".tar.gz") || RecordingArchive.isRecording(Path.of(name));
  }

  /** The machine's name if the user gives none: that of the file. */
  public static MachineId machine(String name) {
    if (name.equals("-")) {
      return new MachineId("stdin");
    }
    String file = Path.of(name).toAbsolutePath().normalize().getFileName().toString();
    return MachineId.sanitized(
        file.replaceAll("\\.(tar\\.gz|gz|xz|zst|strace|txt|log|jsonl)$", "")
            .replaceAll("\\.strace$", ""));
  }

  /** A reader of some format: gives the same events for the same bytes. */
  @FunctionalInterface
  private interface Reading {
    void read(InputStream in, boolean continued, EventSink sink) throws IOException;
  }

  private Reading strace(String name) {
    StraceOptions options = StraceOptions.of(name).withSalvage(salvage);
    return (in, continued, sink) -> StraceReader.open(in, options).read(sink);
  }

  /** Whether a file is an audit log, packed or not, or a recording of one. */
  public static boolean audit(String name) throws IOException {
    if (recording(name)) {
      return RecordingArchive.open(Path.of(name)).audit();
    }
    if (name.equals("-") || !Files.isRegularFile(Path.of(name))) {
      return false;
    }
    try (InputStream in = Inputs.open(name)) {
      return AuditReader.recognizes(new String(in.readNBytes(4096), StandardCharsets.ISO_8859_1));
    }
  }

  /** An audit log: what to read, and the mounts before it if a recording has them. */
  public record AuditLog(String name, SourceInput input, List<Event> start) {
    /** That of a file or recording. */
    public static AuditLog of(String name) throws IOException {
      if (!recording(name)) {
        return new AuditLog(name, () -> Inputs.open(name), List.of());
      }
      RecordingArchive archive = RecordingArchive.open(Path.of(name));
      String mounts = archive.mountsBefore();
      Event observed =
          mounts == null
              ? null
              : new Event(
                  0L,
                  0L,
                  -1L,
                  0,
                  0,
                  0L,
                  new MountsObserved(0L, 1, ProcText.lines(archive.read(mounts))));
      return new AuditLog(
          archive.name(), archive::trace, observed == null ? List.of() : List.of(observed));
    }
  }

  /**
   * Takes in one machine's records of an audit log.
   *
   * @param first whether lines that cannot be read are this machine's
   */
  public Imported readAudit(MachineId machine, AuditLog audit, String node, boolean first)
      throws IOException {
    gaps = 0;
    rejected = 0;
    AuditOptions options =
        AuditOptions.of(audit.name())
            .withNode(node)
            .withRootKnown(!audit.start().isEmpty())
            .withSalvage(salvage);
    Reading reading =
        (in, continued, sink) ->
            AuditReader.open(in, options.withContinued(continued))
                .read(
                    event ->
                        !first && event.getBody() instanceof Gap gap && gap.getText() != null
                            ? 0
                            : sink.accept(event));
    try (Appender appender = log.appender(machine)) {
      Source source = new Source(audit.name(), "audit", node);
      return take(appender, source, audit.input(), -1, audit.start(), reading);
    }
  }

  /** Takes in one file. */
  public Imported read(MachineId machine, String name) throws IOException {
    gaps = 0;
    rejected = 0;
    requireReadable(name);
    try (Appender appender = log.appender(machine)) {
      return recording(name) ? recording(appender, name) : trace(appender, name);
    }
  }

  /** Before the ledger gets a machine of that name. */
  private static void requireReadable(String name) throws IOException {
    if (!name.equals("-") && !Files.exists(Path.of(name))) {
      throw new NoSuchFileException(name);
    }
    if (!name.equals("-") && !Files.isReadable(Path.of(name))) {
      throw new AccessDeniedException(name);
    }
  }

  /**
   * Takes in a trace that is in memory. The same bytes again add nothing, more of them what is
   * more.
   *
   * @param name what the source is called
   */
  public Imported read(MachineId machine, String name, byte[] trace) throws IOException {
    gaps = 0;
    rejected = 0;
    try (Appender appender = log.appender(machine)) {
      SourceInput input = () -> new ByteArrayInputStream(trace);
      return take(appender, new Source(name, "strace", ""), input, 0, List.of(), strace(name));
    }
  }

  private Imported trace(Appender appender, String name) throws IOException {
    SourceInput input =
        name.equals("-") ? SourceInput.stream(Inputs.open("-")) : () -> Inputs.open(name);
    return take(appender, new Source(name, "strace", ""), input, 0, List.of(), strace(name));
  }

  /** A recording: its first snapshot is the state from which the trace goes on. */
  private Imported recording(Appender appender, String name) throws IOException {
    RecordingArchive archive = RecordingArchive.open(Path.of(name));
    List<SnapshotFiles> snapshots = archive.snapshots();
    RecordingArchive.Recorder recorder = archive.recorder();
    Source source = new Source(archive.name(), "strace", recorder.tracer());
    if (snapshots.isEmpty()) {
      return take(appender, source, archive::trace, 0, List.of(), strace(name));
    }
    SnapshotFiles first = snapshots.getFirst();
    List<Event> start = SnapshotReader.events(recorder, first, 0);
    return take(appender, source, archive::trace, first.line(), start, strace(name));
  }

  private Imported take(
      Appender appender,
      Source source,
      SourceInput input,
      long after,
      List<Event> start,
      Reading reading)
      throws IOException {
    try (SourceTracker tracker = SourceTracker.open(log, appender, source, input)) {
      if (tracker.upToDate()) {
        return new Imported(tracker.finish(), 0, 0, true);
      }
      if (boot != null && tracker.known() == null) {
        appender.append(Boots.event(boot));
      }
      start.forEach(tracker::accept);
      long[] count = {0};
      reading.read(
          tracker.input(),
          tracker.opened() > 1,
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
      return new Imported(tracker.finish(), gaps, rejected, false);
    }
  }
}

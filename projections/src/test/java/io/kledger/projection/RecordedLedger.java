package io.kledger.projection;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.ingest.proc.SnapshotReader;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Fills a ledger from a recording, and knows which position each of its snapshots is at. */
public final class RecordedLedger {
  private final RecordingArchive archive;
  private final MachineId machine;
  private final List<Event> events = new ArrayList<>();
  private int observed;

  private RecordedLedger(RecordingArchive archive) {
    this.archive = archive;
    this.machine = MachineId.sanitized(archive.name());
  }

  /** The events of a recording of the corpus, from its first snapshot on. */
  public static RecordedLedger read(String recording) throws IOException {
    Path corpus = Path.of(System.getProperty("kledger.home"), "corpus");
    RecordingArchive archive = RecordingArchive.open(corpus.resolve(recording));
    RecordedLedger result = new RecordedLedger(archive);
    SnapshotFiles first = archive.snapshots().getFirst();
    result.events.addAll(SnapshotReader.events(archive.recorder(), first, 1));
    result.observed = result.events.size();
    StraceOptions options = StraceOptions.of("trace.strace").withSource(1);
    try (StraceReader reader = StraceReader.open(archive.trace(), options)) {
      reader.read(
          event -> {
            if (event.getLine() > first.line()) {
              result.events.add(event);
            }
            return result.events.size();
          });
    }
    return result;
  }

  /** Appends all events to a ledger, which is created. */
  public void appendTo(Path ledger) {
    LogOptions options = LogOptions.DEFAULTS.withSync(false);
    try (EventLog log = EventLog.open(new LedgerUri.Directory(ledger), options);
        Appender appender = log.appender(machine)) {
      events.forEach(appender::append);
      appender.commit();
    }
  }

  /** What the machine was like when the recording began. */
  public List<Event> observed() {
    return List.copyOf(events.subList(0, observed));
  }

  public MachineId machine() {
    return machine;
  }

  /** Position of the last event. */
  public long end() {
    return events.size();
  }

  /** The snapshot taken at a label of the recording. */
  public SnapshotFiles snapshot(String label) throws IOException {
    for (SnapshotFiles snapshot : archive.snapshots()) {
      if (label.equals(snapshot.position().get("label"))) {
        return snapshot;
      }
    }
    throw new IOException(archive.name() + " has no snapshot " + label);
  }

  /** Position of the last event that a snapshot shows. */
  public long position(SnapshotFiles snapshot) {
    long position = 0;
    for (Event event : events) {
      if (event.getLine() > snapshot.line()) {
        break;
      }
      position++;
    }
    return position;
  }
}

package io.kledger.projection.http;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.projection.RecordedLedger;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Mounts and umounts, one after the other, as fast as a test wants them. */
final class Storm implements AutoCloseable {
  static final MachineId MACHINE = new MachineId("storm");
  private static final int DIRECTORIES = 100;

  private final EventLog log;
  private final Appender appender;
  private final List<Event> events = new ArrayList<>();
  private final int start;
  private int appended;

  /** So many pairs, on a machine that was observed. */
  Storm(Path ledger, int pairs) throws IOException {
    events.addAll(RecordedLedger.read(FlocksLedger.RECORDING).observed());
    start = events.size();
    try (StraceReader reader =
        StraceReader.open(
            new ByteArrayInputStream(trace(pairs).getBytes(StandardCharsets.UTF_8)),
            StraceOptions.of("storm").withSource(1))) {
      reader.read(
          event -> {
            events.add(event);
            return events.size();
          });
    }
    log =
        EventLog.open(
            new LedgerUri.Directory(ledger), LogOptions.DEFAULTS.withSync(false).withCreate(true));
    appender = log.appender(MACHINE);
  }

  /** The changes: of each pair the first attaches and the second detaches. */
  List<String> changes() {
    List<String> result = new ArrayList<>();
    for (int position = start + 1; position <= events.size(); position++) {
      result.add(position + ((position - start) % 2 == 1 ? " mount.attach" : " mount.detach"));
    }
    return result;
  }

  /** Appends what was observed of the machine. */
  void begin() {
    append(start);
  }

  private static String trace(int pairs) {
    StringBuilder trace = new StringBuilder();
    for (int i = 0; i < pairs; i++) {
      String path = "\"/sandbox/d" + i % DIRECTORIES + "\"";
      String second = Integer.toString(1_700_000_001 + i / 10_000);
      String micros = ".%06d ".formatted(i % 10_000 * 100);
      trace.append("5 ").append(second).append(micros);
      trace.append("mount(\"none\", ").append(path).append(", \"tmpfs\", 0, NULL) = 0\n");
      trace.append("5 ").append(second).append(micros);
      trace.append("umount2(").append(path).append(", 0) = 0\n");
    }
    return trace.toString();
  }

  /** Appends the next so many events; false if there are no more. */
  boolean append(int count) {
    int to = Math.min(events.size(), appended + count);
    for (Event event : events.subList(appended, to)) {
      appender.append(event);
    }
    appender.commit();
    appended = to;
    return appended < events.size();
  }

  /** Events appended so far. */
  int appended() {
    return appended;
  }

  /** Position before the first mount. */
  int start() {
    return start;
  }

  @Override
  public void close() {
    appender.close();
    log.close();
  }
}

package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.avro.AvroExport;
import io.kledger.log.avro.JsonLines;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes events to a file. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Writes the events to a file: all of each (avro, jsonl), as text, or for other programs.")
public final class ExportCommand implements Callable<Integer> {
  /** What is written. */
  enum Kind {
    avro,
    jsonl,
    strace,
    perfetto,
    csv
  }

  @Mixin private LedgerMixin ledger;

  @Parameters(paramLabel = "FILE", description = "The file; - is standard output.")
  private String file;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "avro",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Kind format;

  @Option(names = "--from", paramLabel = "N", defaultValue = "1", description = "First position.")
  private long from;

  @Option(names = "--to", paramLabel = "N", description = "Last position.")
  private Long to;

  @Override
  public Integer call() throws IOException {
    try (EventLog log = EventLog.open(ledger.uri(), ledger.log().withCreate(false));
        OutputStream out =
            new BufferedOutputStream(
                file.equals("-") ? System.out : Files.newOutputStream(Path.of(file)))) {
      MachineId machine = Machines.choose(log, ledger);
      long last = to == null ? log.end(machine) : to;
      try (Cursor cursor = log.read(machine, format == Kind.perfetto ? 1 : from)) {
        write(machine, cursor, last, out);
      }
    }
    return ExitCode.SHOWN;
  }

  private void write(MachineId machine, Cursor cursor, long last, OutputStream out)
      throws IOException {
    PrintWriter text = new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), false);
    switch (format) {
      case avro ->
          AvroExport.write(machine.name(), cursor, last, AvroExport.Compression.DEFLATE, out);
      case jsonl -> JsonLines.write(cursor, last, out);
      case perfetto -> new TimelineExport(text).write(cursor, from, last);
      case csv -> CsvExport.write(cursor, last, text);
      case strace -> {
        for (Event event = cursor.next();
            event != null && event.getPosition() <= last;
            event = cursor.next()) {
          out.write(EventRenderer.line(event).toArray());
          out.write('\n');
        }
      }
    }
  }
}

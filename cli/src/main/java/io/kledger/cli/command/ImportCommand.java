package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.ingest.Inputs;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import io.kledger.log.avro.AvroImport;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes traces into a ledger. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Takes traces into a ledger; creates it if there is none. The same file again adds nothing; a"
          + " file that has grown adds what is new."
    })
public final class ImportCommand implements Callable<Integer> {
  /** What a file holds. */
  enum Source {
    auto,
    strace,
    audit,
    avro
  }

  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = {
        "A trace (plain, .gz, .xz or .zst; - is standard input), a recording (directory or .tar.gz:"
            + " its first snapshot is the state at the start), or an Avro export."
      })
  private List<String> files;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "auto",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Source format;

  @Option(
      names = "--salvage",
      description = "Go past lines that cannot be read; each becomes a gap in the log.")
  private boolean salvage;

  @Option(
      names = "--boot",
      paramLabel = "ID",
      description = {
        "The boot that the traces are of (/proc/sys/kernel/random/boot_id). Another one than before:"
            + " the machine begins anew, with clean state."
      })
  private String boot;

  @Override
  public Integer call() throws IOException {
    if (format == Source.audit) {
      throw new ParameterException(
          spec.commandLine(), "audit logs cannot be imported yet; strace text and Avro can");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (EventLog log = EventLog.open(ledger.uri(), ledger.log())) {
      for (String file : files) {
        MachineId machine = ledger.machineOr(Importer.machine(file));
        if (format == Source.avro || format == Source.auto && file.endsWith(".avro")) {
          avro(log, file, out);
          continue;
        }
        Importer importer = new Importer(log, salvage, boot, this::progress);
        Importer.Imported imported = importer.read(machine, file);
        clearProgress();
        out.printf(
            "%s: machine %s: %d events new, %d known, gaps %d, rejected lines %d%n",
            file,
            machine,
            imported.result().appended(),
            imported.result().skipped(),
            imported.gaps(),
            imported.rejected());
      }
    }
    return ExitCode.SHOWN;
  }

  /** Events of an export keep their positions, so that what is there already is known by them. */
  private void avro(EventLog log, String file, PrintWriter out) throws IOException {
    try (AvroImport events = AvroImport.open(file, Inputs.open(file))) {
      MachineId named = events.machine() == null ? null : new MachineId(events.machine());
      MachineId machine = ledger.machineOr(named == null ? Importer.machine(file) : named);
      long appended = 0;
      try (Appender appender = log.appender(machine)) {
        long known = appender.next() - 1;
        for (Event event = events.next(); event != null; event = events.next()) {
          if (event.getPosition() <= known) {
            continue;
          }
          if (event.getPosition() != appender.next()) {
            throw new IOException(
                "%s: event %d would follow event %d of machine %s"
                    .formatted(file, event.getPosition(), appender.next() - 1, machine));
          }
          appender.append(event);
          appended++;
        }
        appender.commit();
        out.printf(
            "%s: machine %s: %d events new, %d known, gaps 0, rejected lines 0%n",
            file, machine, appended, events.events() - appended);
      }
    }
  }

  private void progress(long bytes, long events) {
    if (System.console() != null && System.console().isTerminal()) {
      spec.commandLine().getErr().printf("\r%,d events, %,d bytes", events, bytes);
      spec.commandLine().getErr().flush();
    }
  }

  private void clearProgress() {
    if (System.console() != null && System.console().isTerminal()) {
      spec.commandLine().getErr().print("\r\033[K");
      spec.commandLine().getErr().flush();
    }
  }
}

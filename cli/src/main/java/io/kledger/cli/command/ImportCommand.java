package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.ingest.Inputs;
import io.kledger.ingest.audit.AuditReader;
import io.kledger.ingest.load.Importer;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import io.kledger.log.avro.AvroImport;
import io.kledger.log.avro.JsonLines;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
    avro,
    jsonl
  }

  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = {
        "A trace (plain, .gz, .xz or .zst; - is standard input), a recording (directory or .tar.gz:"
            + " its first snapshot is the state at the start), an audit log (of auditd, ausearch"
            + " --format raw or journalctl -o export; each node is a machine), or an Avro export."
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
    PrintWriter out = spec.commandLine().getOut();
    try (EventLog log = EventLog.open(ledger.uri(), ledger.log())) {
      for (String file : files) {
        if (format == Source.audit || format == Source.auto && Importer.audit(file)) {
          audit(log, file, out);
          continue;
        }
        MachineId machine = ledger.machineOr(Importer.machine(file));
        if (format == Source.avro || format == Source.auto && file.endsWith(".avro")) {
          avro(log, file, out);
          continue;
        }
        if (format == Source.jsonl || format == Source.auto && file.matches(".*\\.jsonl(\\..*)?")) {
          jsonl(log, file, machine, out);
          continue;
        }
        Importer importer = new Importer(log, salvage, boot, this::progress);
        print(out, file, machine, importer.read(machine, file));
      }
    }
    return ExitCode.SHOWN;
  }

  private void print(PrintWriter out, String file, MachineId machine, Importer.Imported imported) {
    clearProgress();
    if (imported.knownToItsEnd()) {
      out.printf("%s: machine %s: 0 events new: what it holds is in the ledger%n", file, machine);
      return;
    }
    out.printf(
        "%s: machine %s: %d events new, %d known, gaps %d, rejected lines %d%n",
        file,
        machine,
        imported.result().appended(),
        imported.result().skipped(),
        imported.gaps(),
        imported.rejected());
  }

  /** Each node of an audit log is a machine; a pipe is kept in a file, to be read for each. */
  private void audit(EventLog log, String file, PrintWriter out) throws IOException {
    Path kept = file.equals("-") ? Files.createTempFile("kledger", ".audit") : null;
    try {
      if (kept != null) {
        try (InputStream in = Inputs.open("-")) {
          Files.copy(in, kept, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      Importer.AuditLog audit = Importer.AuditLog.of(kept == null ? file : kept.toString());
      SequencedSet<String> nodes;
      try (InputStream in = audit.input().open()) {
        nodes = AuditReader.nodes(in);
      }
      if (nodes.isEmpty()) {
        nodes.add("");
      }
      boolean first = true;
      for (String node : nodes) {
        MachineId machine = node.isEmpty() ? Importer.machine(file) : MachineId.sanitized(node);
        MachineId wanted = ledger.machineOr(nodes.size() == 1 ? machine : null);
        if (nodes.size() == 1 || wanted == null || wanted.equals(machine)) {
          MachineId target = nodes.size() == 1 ? wanted : machine;
          Importer importer = new Importer(log, salvage, boot, this::progress);
          print(out, file, target, importer.readAudit(target, audit, node, first));
        }
        first = false;
      }
    } finally {
      if (kept != null) {
        Files.delete(kept);
      }
    }
  }

  /** Events of an export keep their positions, so that what is there already is known by them. */
  private void avro(EventLog log, String file, PrintWriter out) throws IOException {
    try (AvroImport events = AvroImport.open(file, Inputs.open(file))) {
      MachineId named = events.machine() == null ? null : new MachineId(events.machine());
      MachineId machine = ledger.machineOr(named == null ? Importer.machine(file) : named);
      append(log, file, machine, events::next, out);
    }
  }

  private void jsonl(EventLog log, String file, MachineId machine, PrintWriter out)
      throws IOException {
    try (JsonLines events = JsonLines.open(file, Inputs.open(file))) {
      append(log, file, machine, events::next, out);
    }
  }

  private void append(
      EventLog log, String file, MachineId machine, Supplier<Event> events, PrintWriter out)
      throws IOException {
    long appended = 0;
    long read = 0;
    try (Appender appender = log.appender(machine)) {
      long known = appender.next() - 1;
      for (Event event = events.get(); event != null; event = events.get()) {
        read++;
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
          file, machine, appended, read - appended);
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

package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.cli.render.Tables;
import io.kledger.log.EventLog;
import io.kledger.log.SourceProgress;
import io.kledger.view.Sheet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The machines of a ledger. */
@Command(
    name = "machines",
    mixinStandardHelpOptions = true,
    description = "Lists the machines of a ledger with their sources.")
public final class MachinesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format;

  @Override
  public Integer call() {
    Sheet sheet = Sheet.of("MACHINE", "EVENTS", "SOURCES");
    try (EventLog log = EventLog.open(ledger.uri(), ledger.log().withCreate(false))) {
      for (EventLog.Summary machine : log.summaries()) {
        List<Object> sources = new ArrayList<>();
        for (SourceProgress source : machine.sources()) {
          sources.add(source.name());
        }
        sheet.row(machine.machine().name(), machine.end(), sources);
      }
    }
    Tables.print(spec.commandLine().getOut(), sheet, format, true);
    return sheet.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
  }
}

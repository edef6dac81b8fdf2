package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.cli.render.Tables;
import io.kledger.replay.Ledger;
import io.kledger.replay.StateDiff;
import io.kledger.replay.When;
import io.kledger.view.Sheet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What changed between two moments. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = "Shows which rows of the state differ between two moments.")
public final class DiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Parameters(index = "0", paramLabel = "WHEN", description = "The earlier moment.")
  private String from;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "WHEN",
      defaultValue = "end",
      description = "The later moment; default: end.")
  private String to;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format;

  @Override
  public Integer call() {
    Sheet sheet = Sheet.of("CHANGE", "TABLE", "KEY", "BEFORE", "AFTER");
    try (Ledger opened = ledger.open()) {
      long first = opened.position(When.parse(from));
      long second = opened.position(When.parse(to));
      for (StateDiff.Changed changed : opened.diff(first, second)) {
        sheet.row(
            changed.before() == null ? "+" : changed.after() == null ? "-" : "~",
            changed.table().name(),
            changed.key(),
            changed.before() == null ? null : changed.before().toString(),
            changed.after() == null ? null : changed.after().toString());
      }
    }
    Tables.print(spec.commandLine().getOut(), sheet, format, true);
    return sheet.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
  }
}

package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.cli.render.Objects;
import io.kledger.cli.render.Tables;
import io.kledger.replay.AsOf;
import io.kledger.replay.Ledger;
import io.kledger.replay.StateDiff;
import io.kledger.replay.When;
import io.kledger.view.ObjectDiff;
import io.kledger.view.Sheet;
import io.kledger.view.StateObjects;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
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
    description = {
      "Shows which mounts, locks, cgroups, tasks, descriptors, block devices and namespaces differ"
          + " between two moments: + new, - gone, ~ changed (before -> after)."
    })
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

  @Option(
      names = "--only",
      paramLabel = "CONCEPT",
      split = ",",
      description =
          "Only mount, lock, cgroup, task, fd, blockdev or namespace; several with commas.")
  private List<String> only;

  @Option(names = "--rows", description = "The rows of all tables that differ, as stored.")
  private boolean rows;

  @Override
  public Integer call() {
    try (Ledger opened = ledger.open()) {
      long first = opened.position(When.parse(from));
      long second = opened.position(When.parse(to));
      List<StateDiff.Changed> changed = opened.diff(first, second);
      return rows ? rows(changed) : objects(opened, first, second, changed);
    }
  }

  private int objects(Ledger opened, long first, long second, List<StateDiff.Changed> rowsChanged) {
    List<ObjectDiff.Changed> changed = new ArrayList<>();
    if (!rowsChanged.isEmpty()) {
      try (AsOf before = opened.stateAt(first);
          AsOf after = opened.stateAt(second)) {
        changed.addAll(
            ObjectDiff.between(
                StateObjects.of(before.state(), true), StateObjects.of(after.state(), true)));
      }
    }
    changed.removeIf(c -> only != null && !only.contains(c.concept()));
    PrintWriter out = spec.commandLine().getOut();
    if (format != Format.text) {
      Sheet sheet = Sheet.of("CHANGE", "CONCEPT", "NAME", "BEFORE", "AFTER", "SINCE");
      for (ObjectDiff.Changed c : changed) {
        sheet.row(Objects.sign(c), c.concept(), c.name(), c.before(), c.after(), c.since());
      }
      Tables.print(out, sheet, format, true);
    } else {
      changed.forEach(c -> out.println(Objects.line(c)));
    }
    return changed.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
  }

  private int rows(List<StateDiff.Changed> changed) {
    Sheet sheet = Sheet.of("CHANGE", "TABLE", "KEY", "BEFORE", "AFTER");
    for (StateDiff.Changed row : changed) {
      sheet.row(
          row.before() == null ? "+" : row.after() == null ? "-" : "~",
          row.table().name(),
          row.key(),
          row.before() == null ? null : row.before().toString(),
          row.after() == null ? null : row.after().toString());
    }
    Tables.print(spec.commandLine().getOut(), sheet, format, true);
    return sheet.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
  }
}

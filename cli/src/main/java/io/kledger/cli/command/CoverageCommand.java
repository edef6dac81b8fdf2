package io.kledger.cli.command;

import io.kledger.cli.render.Tables;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.syscall.Syscalls;
import io.kledger.event.avro.Syscall;
import io.kledger.view.Sheet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.avro.Schema;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the engine knows. */
@Command(
    name = "coverage",
    mixinStandardHelpOptions = true,
    description =
        "Lists system calls, kernel features or scenarios, and how well each is modelled.")
public final class CoverageCommand implements Callable<Integer> {
  /** How it is printed. */
  enum Kind {
    text,
    json,
    jsonl,
    markdown
  }

  @Spec private CommandSpec spec;

  @Option(
      names = {"-o", "--output", "--format"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Kind format;

  @Parameters(
      arity = "0..1",
      paramLabel = "WHAT",
      defaultValue = "calls",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}. Markdown shows all.")
  private What what;

  @Option(
      names = "--scenarios",
      paramLabel = "DIR",
      description = "The folder of scenarios to run; default: those that the project ships.")
  private Path scenarios;

  /** What is listed. */
  enum What {
    calls,
    features,
    scenarios
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (format == Kind.markdown) {
      markdown(out, calls(), states());
      return ExitCode.SHOWN;
    }
    Sheet sheet =
        switch (what) {
          case calls -> calls();
          case features -> features(states());
          case scenarios -> states().sheet();
        };
    Tables.print(out, sheet, io.kledger.cli.render.Format.valueOf(format.name()), true);
    return ExitCode.SHOWN;
  }

  private ScenarioStates states() throws IOException {
    return ScenarioStates.of(scenarios == null ? Project.folder("scenarios") : scenarios);
  }

  private static Sheet features(ScenarioStates states) {
    Sheet sheet = Sheet.of("ID", "SLUG", "SINCE", "SCENARIOS-PASS");
    for (KernelFeature feature : KernelFeature.values()) {
      sheet.row(
          feature.id(),
          feature.slug(),
          feature.since() == null ? "proposed" : "Linux " + feature.since(),
          states.of(feature));
    }
    return sheet;
  }

  /** Every call that has a record, by name. */
  private static Sheet calls() {
    TreeMap<String, SyscallTable.Entry<?>> known = new TreeMap<>();
    for (SyscallTable.Entry<?> entry : Syscalls.table().entries()) {
      known.put(entry.type().getSimpleName(), entry);
    }
    TreeMap<String, String> records = new TreeMap<>();
    for (Schema type : Syscall.getClassSchema().getField("call").schema().getTypes()) {
      if (type.getProp("syscall") != null) {
        records.put(type.getProp("syscall"), type.getName());
      }
    }
    Sheet sheet = Sheet.of("CALL", "SUPPORT", "MISSING");
    records.forEach(
        (name, record) -> {
          SyscallTable.Entry<?> entry = known.get(record);
          sheet.row(
              name,
              entry == null ? "recorded" : entry.support().name().toLowerCase(Locale.ROOT),
              entry == null ? "no rules: its effects are not modelled" : entry.note());
        });
    return sheet;
  }

  private static void markdown(PrintWriter out, Sheet calls, ScenarioStates states) {
    out.println("# Coverage");
    out.println();
    out.println("Made by `kledger coverage --format markdown`; do not edit.");
    out.println();
    out.println("## System calls");
    out.println();
    out.println(
        "`full`: every rule of the specification. `partial`: what is missing is said. `recorded`:"
            + " in the log with all its arguments, but without effect on the state.");
    out.println("Any other call is in the log too, with its arguments as text.");
    out.println();
    out.println("| call | support | missing |");
    out.println("|---|---|---|");
    for (var row : calls.rows()) {
      out.printf("| `%s` | %s | %s |%n", row.get(0), row.get(1), row.get(2));
    }
    out.println();
    out.println("## Kernel features");
    out.println();
    out.println("| id | slug | since | scenarios that pass |");
    out.println("|---|---|---|---|");
    for (var row : features(states).rows()) {
      out.printf("| %s | `%s` | %s | %s |%n", row.get(0), row.get(1), row.get(2), row.get(3));
    }
    scenarios(out, states);
  }

  private static void scenarios(PrintWriter out, ScenarioStates states) {
    out.println();
    out.println("## Scenarios");
    out.println();
    out.printf(
        "%d of %d pass: every line, view and notification is as `scenarios/` says.%n",
        states.passing(), states.all().size());
    out.println();
    out.println("| scenario | state | first line that differs | the engine says |");
    out.println("|---|---|---|---|");
    for (ScenarioStates.State state : states.all()) {
      out.printf(
          "| `%s` | %s | %s | %s |%n",
          state.name(),
          state.passes() ? "passes" : "**not yet**",
          state.passes() ? "" : state.line(),
          state.why().isEmpty() ? "" : "`" + cell(state.why()) + "`");
    }
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace('`', '\'').replaceAll("\\s+", " ");
  }
}

package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.cli.render.Tables;
import io.kledger.replay.AsOf;
import io.kledger.replay.Ledger;
import io.kledger.replay.When;
import io.kledger.view.Sheet;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of verbs that show the state at a moment. */
final class ReadMixin {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Mixin LedgerMixin ledger;

  @Option(
      names = "--at",
      paramLabel = "WHEN",
      defaultValue = "end",
      description = {
        "The moment: @N (after event N; @0 is before the first), an RFC 3339 time, -5min, end, or a"
            + " marker's name. Default: ${DEFAULT-VALUE}."
      })
  private String at;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format;

  @Option(
      names = "--strict",
      description = "Exit status 4 if events are missing before the moment shown.")
  private boolean strict;

  /** What a verb does with the state. */
  @FunctionalInterface
  interface Show {
    /** Returns the exit status. */
    int show(AsOf state) throws IOException;
  }

  /** What a verb does with the ledger and the state. */
  @FunctionalInterface
  interface ShowLedger {
    /** Returns the exit status. */
    int show(Ledger ledger, AsOf state) throws IOException;
  }

  /** Opens the ledger at the moment and shows it. */
  int show(Show verb) throws IOException {
    return ledgerAt((opened, state) -> verb.show(state));
  }

  /** Opens the ledger at the moment and shows it. */
  int ledgerAt(ShowLedger verb) throws IOException {
    try (Ledger opened = ledger.open()) {
      try (AsOf state = opened.stateAt(When.parse(at))) {
        int status = verb.show(opened, state);
        boolean gaps =
            !opened.notes(io.kledger.store.Store.Note.Kind.GAP, state.position()).isEmpty();
        return strict && gaps && status == ExitCode.SHOWN ? ExitCode.INCOMPLETE : status;
      }
    }
  }

  Format format() {
    return format;
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Says on standard error what the output cannot show. */
  void notice(String text) {
    spec.commandLine().getErr().println("kledger: " + text);
  }

  /** Prints a sheet: in text these columns, otherwise all. */
  int print(Sheet sheet, List<String> columns) {
    boolean text = format == Format.text;
    Tables.print(out(), text && columns != null ? sheet.select(columns) : sheet, format, true);
    return sheet.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
  }

  /** Prints lines of a kernel text: as they are, or as values. */
  int lines(List<String> lines) {
    if (format == Format.text) {
      lines.forEach(line -> out().println(Texts.utf8(line)));
    } else {
      Sheet sheet = Sheet.of("LINE");
      lines.forEach(line -> sheet.row(Texts.bytes(line)));
      Tables.print(out(), sheet, format, false);
    }
    return lines.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
  }
}

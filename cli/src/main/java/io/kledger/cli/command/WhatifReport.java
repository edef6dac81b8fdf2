package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.cli.render.Objects;
import io.kledger.cli.render.Plain;
import io.kledger.cli.render.Tables;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Syscall;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.replay.WhatIf;
import io.kledger.view.ObjectDiff;
import io.kledger.view.Sheet;
import java.io.PrintWriter;
import java.util.List;

/** Prints where two folds part, as a diff that one can attach to a mail. */
final class WhatifReport {
  private final PrintWriter out;
  private final WhatIf whatIf;
  private final Format format;

  WhatifReport(PrintWriter out, WhatIf whatIf, Format format) {
    this.out = out;
    this.whatIf = whatIf;
    this.format = format;
  }

  /**
   * Prints.
   *
   * @param source where the events are from
   * @param change what is different in the second fold
   * @return exit status
   */
  int print(String source, String change) {
    List<WhatIf.Parting> partings = whatIf.partings();
    List<ObjectDiff.Changed> apart = whatIf.apart();
    if (format != Format.text) {
      Tables.print(out, sheet(partings), format, true);
    } else {
      out.println("--- " + source);
      out.println("+++ what if " + change);
      partings.forEach(this::parting);
      if (whatIf.more() > 0) {
        out.println("# " + whatIf.more() + " more events part; -n shows more");
      }
      out.println("@@ at the end, @" + whatIf.position() + " @@");
      if (apart.isEmpty()) {
        out.println(partings.isEmpty() ? "# nothing differs" : "# the state is the same in both");
      }
      apart.forEach(changed -> out.println(Objects.line(changed)));
    }
    return partings.isEmpty() && apart.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
  }

  private void parting(WhatIf.Parting parting) {
    String line = parting.event().getLine() == 0 ? "" : ", line " + parting.event().getLine();
    String event = event(parting);
    switch (parting.part()) {
      case BOTH -> {
        out.println("@@ @" + parting.position() + line + " @@");
        out.println(" " + event);
        if (parting.results()) {
          out.println("-  = " + text(parting.before()));
          out.println("+  = " + text(parting.after()));
        }
      }
      case DROPPED -> {
        out.println("@@ @" + parting.position() + line + ", left out @@");
        out.println("-" + event + result(parting.before()));
      }
      case INSERTED -> {
        out.println("@@ after @" + parting.position() + ", put in @@");
        out.println("+" + event + result(parting.after()));
      }
    }
    parting.notesGone().forEach(note -> out.println("-  note " + text(note)));
    parting.notesNew().forEach(note -> out.println("+  note " + text(note)));
    parting
        .state()
        .forEach(
            changed -> {
              String text = Objects.line(changed);
              out.println(text.charAt(0) + " " + text.substring(1));
            });
    parting.healed().forEach(title -> out.println("=  " + Plain.safe(title) + ": the same again"));
  }

  private static String result(String result) {
    return result == null ? "" : " = " + text(result);
  }

  /** The event without its result: that is shown for each fold. */
  private static String event(WhatIf.Parting parting) {
    String text = Plain.safe(EventRenderer.line(parting.event()));
    int equals = text.lastIndexOf(") = ");
    if (!(parting.event().getBody() instanceof Syscall) || equals < 0) {
      return text;
    }
    boolean alike = parting.part() == WhatIf.Part.BOTH && !parting.results();
    return text.substring(0, equals + 1) + (alike ? " = " + text(shownResult(parting)) : "");
  }

  private static String shownResult(WhatIf.Parting parting) {
    return parting.before() == null ? "?" : parting.before();
  }

  private static String text(String latin1) {
    return Plain.safe(Texts.bytes(latin1));
  }

  private static Sheet sheet(List<WhatIf.Parting> partings) {
    Sheet sheet =
        Sheet.of(
            "POSITION",
            "LINE",
            "PART",
            "EVENT",
            "BEFORE",
            "AFTER",
            "NOTES-GONE",
            "NOTES-NEW",
            "STATE",
            "HEALED");
    for (WhatIf.Parting p : partings) {
      sheet.row(
          p.position(),
          p.event().getLine(),
          p.part().name().toLowerCase(java.util.Locale.ROOT),
          EventRenderer.line(p.event()),
          bytes(p.before()),
          bytes(p.after()),
          List.copyOf(p.notesGone()),
          List.copyOf(p.notesNew()),
          p.state().stream().map(Objects::line).toList(),
          List.copyOf(p.healed()));
    }
    return sheet;
  }

  private static Bytes bytes(String latin1) {
    return latin1 == null ? null : Texts.bytes(latin1);
  }
}

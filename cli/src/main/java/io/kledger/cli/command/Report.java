package io.kledger.cli.command;

import io.kledger.cli.render.Json;
import io.kledger.view.Sheet;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;

/**
 * A report, as a page without scripts or references, or as JSON.
 *
 * @param sealed what the seals say
 * @param digest of the state at the end of the part
 * @param trail what happened
 */
record Report(
    String machine,
    String ledger,
    long since,
    long until,
    String complete,
    String sealed,
    String digest,
    Sheet sources,
    Sheet gaps,
    Sheet defects,
    Sheet trail) {
  private static final String STYLE =
      "body{font:14px sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}"
          + "th,td{border:1px solid #bbb;padding:.2em .5em;text-align:left;vertical-align:top}"
          + "td{font-family:monospace;overflow-wrap:anywhere}th{background:#eee}";

  void json(PrintWriter out) {
    out.println(
        Json.object(
            List.of(
                "machine",
                "ledger",
                "since",
                "until",
                "complete",
                "sealed",
                "digest",
                "sources",
                "gaps",
                "defects",
                "trail"),
            Arrays.asList(
                machine, ledger, since, until, complete, sealed, digest, sources, gaps, defects,
                trail)));
  }

  void html(PrintWriter out, List<String> objects) {
    String title = "Report on " + machine;
    out.println("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.println("<title>" + escape(title) + "</title><style>" + STYLE + "</style></head><body>");
    out.println("<h1>" + escape(title) + "</h1>");
    Sheet facts = Sheet.of("OF", "IS");
    facts.row("ledger", ledger);
    facts.row("events", "after @" + since + " up to @" + until);
    facts.row("objects", objects.isEmpty() ? "all" : String.join(", ", objects));
    facts.row("record", complete);
    facts.row("evidence", sealed);
    facts.row("state at @" + until, digest);
    table(out, null, facts);
    table(out, "What happened", trail);
    table(out, "What is missing", gaps);
    table(out, "What the model could not follow", defects);
    table(out, "From which sources", sources);
    out.println("</body></html>");
  }

  private static void table(PrintWriter out, String heading, Sheet sheet) {
    if (heading != null) {
      out.println("<h2>" + escape(heading) + "</h2>");
    }
    if (sheet.isEmpty()) {
      out.println("<p>Nothing.</p>");
      return;
    }
    out.print("<table>");
    if (heading != null) {
      out.print("<tr>");
      sheet.columns().forEach(column -> out.print("<th>" + escape(column) + "</th>"));
      out.println("</tr>");
    }
    for (List<Object> row : sheet.rows()) {
      out.print("<tr>");
      for (Object value : row) {
        out.print("<td>" + (value == null ? "" : escape(value.toString())) + "</td>");
      }
      out.println("</tr>");
    }
    out.println("</table>");
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(c < 0x20 && c != '\n' && c != '\t' ? '\ufffd' : c);
      }
    }
    return escaped.toString();
  }
}

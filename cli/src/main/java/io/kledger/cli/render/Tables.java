package io.kledger.cli.render;

import io.kledger.view.Sheet;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Prints sheets. */
public final class Tables {
  private Tables() {}

  /** Prints a sheet in a format. */
  public static void print(PrintWriter out, Sheet sheet, Format format, boolean headings) {
    switch (format) {
      case text -> table(out, sheet, headings);
      case json -> {
        out.print("[");
        String separator = "\n";
        for (List<Object> row : sheet.rows()) {
          out.print(separator + Json.object(sheet.columns(), row));
          separator = ",\n";
        }
        out.println(sheet.isEmpty() ? "]" : "\n]");
      }
      case jsonl -> sheet.rows().forEach(row -> out.println(Json.object(sheet.columns(), row)));
    }
  }

  private static void table(PrintWriter out, Sheet sheet, boolean headings) {
    List<List<String>> lines = new ArrayList<>();
    if (headings && !sheet.isEmpty()) {
      lines.add(sheet.columns());
    }
    boolean[] numeric = new boolean[sheet.columns().size()];
    for (int i = 0; i < numeric.length; i++) {
      int column = i;
      numeric[i] =
          sheet.rows().stream()
              .allMatch(row -> row.get(column) == null || row.get(column) instanceof Number);
    }
    for (List<Object> row : sheet.rows()) {
      lines.add(row.stream().map(Plain::cell).toList());
    }
    int[] width = new int[sheet.columns().size()];
    for (List<String> line : lines) {
      for (int i = 0; i < width.length; i++) {
        width[i] = Math.max(width[i], line.get(i).length());
      }
    }
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < width.length; i++) {
        int pad = width[i] - line.get(i).length();
        text.append(i == 0 ? "" : " ");
        text.append(numeric[i] ? " ".repeat(pad) + line.get(i) : line.get(i) + " ".repeat(pad));
      }
      out.println(text.toString().stripTrailing());
    }
  }
}

package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.cli.render.Plain;
import io.kledger.cli.render.Tables;
import io.kledger.kernel.KernelState;
import io.kledger.view.MountGraph;
import io.kledger.view.Mounts;
import io.kledger.view.Sheet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Mounts as findmnt(8) shows them. */
@Command(
    name = "mounts",
    mixinStandardHelpOptions = true,
    description = "Shows the mounts that a process sees, with the letters of findmnt(8).")
public final class MountsCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Parameters(
      arity = "0..1",
      paramLabel = "TARGET",
      description = "Only mounts of this mount point or source.")
  private String target;

  @Option(
      names = {"-N", "--task"},
      paramLabel = "PID",
      description = "Whose view; default: the oldest task.")
  private Integer pid;

  @Option(names = "--ns", paramLabel = "INODE", description = "A whole mount namespace.")
  private Long namespace;

  @Option(names = "--tree", description = "As a tree (the default without a filter).")
  private boolean tree;

  @Option(
      names = {"-l", "--list"},
      description = "As a list, in the order of mountinfo.")
  private boolean list;

  @Option(
      names = {"-c", "--columns"},
      paramLabel = "COL,...",
      split = ",",
      description = "Columns; `all` for all of them.")
  private List<String> columns;

  @Option(
      names = {"-J", "--json"},
      description = "The same as -o json.")
  private boolean json;

  @Option(
      names = {"-r", "--raw"},
      description = "Columns separated by one blank, blanks in values escaped.")
  private boolean raw;

  @Option(
      names = {"-P", "--pairs"},
      description = "KEY=\"value\" pairs.")
  private boolean pairs;

  @Option(
      names = {"-R", "--submounts"},
      description = "The mounts below the matching ones too.")
  private boolean submounts;

  @Option(
      names = {"-T", "--target"},
      paramLabel = "PATH",
      description = "The mount that this path is on.")
  private String path;

  @Option(
      names = {"-t", "--types"},
      paramLabel = "TYPE,...",
      split = ",",
      description = "Only these filesystem types.")
  private List<String> types;

  @Option(
      names = {"-O", "--options"},
      paramLabel = "OPT,...",
      split = ",",
      description = "Only mounts with these options.")
  private List<String> options;

  @Option(
      names = "--dot",
      description = {
        "Print mounts, peer groups and slaves as a graph for dot(1): of one namespace with -N or"
            + " --ns, else of all."
      })
  private boolean dot;

  @Override
  public Integer call() throws IOException {
    return read.show(as -> dot ? graph(as.state()) : print(as.state()));
  }

  private int graph(KernelState state) {
    boolean one = pid != null || namespace != null;
    long key = one ? MountViewer.of(state, pid, namespace).namespace() : 0;
    MountGraph.dot(state, key).forEach(read.out()::println);
    return ExitCode.SHOWN;
  }

  private int print(KernelState state) {
    boolean filtered = target != null || path != null || types != null || options != null;
    boolean asTree = !list && !raw && !pairs && (tree || !filtered);
    Sheet all = all(state, asTree);
    Sheet sheet = new Sheet(all.columns(), new ArrayList<>());
    String on = path == null ? null : coveredBy(all, path);
    for (List<Object> row : all.rows()) {
      if (matches(row, on)) {
        sheet.rows().add(row);
      }
    }
    if (json || read.format() != Format.text) {
      Tables.print(read.out(), chosen(sheet), json ? Format.json : read.format(), true);
    } else if (raw || pairs) {
      lines(chosen(sheet));
    } else {
      if (asTree) {
        indent(sheet);
      }
      Tables.print(read.out(), chosen(sheet), Format.text, true);
    }
    return sheet.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
  }

  private Sheet all(KernelState state, boolean asTree) {
    MountViewer viewer = MountViewer.of(state, pid, namespace);
    return Mounts.sheet(state, viewer.namespace(), viewer.root(), asTree);
  }

  private Sheet chosen(Sheet sheet) {
    List<String> names =
        columns == null
            ? Mounts.DEFAULT
            : columns.equals(List.of("all"))
                ? Mounts.COLUMNS
                : columns.stream().map(name -> name.toUpperCase(Locale.ROOT)).toList();
    return sheet.select(names);
  }

  private static String text(List<Object> row, String column) {
    Object value = row.get(Mounts.COLUMNS.indexOf(column));
    return value == null ? "" : value.toString();
  }

  private boolean matches(List<Object> row, String on) {
    String point = text(row, "TARGET");
    String top = on != null ? on : target;
    boolean here =
        top == null
            || point.equals(top)
            || on == null && text(row, "SOURCE").equals(top)
            || submounts && (top.equals("/") || point.startsWith(top + "/"));
    return here
        && (types == null || types.contains(text(row, "FSTYPE")))
        && (options == null || Arrays.asList(text(row, "OPTIONS").split(",")).containsAll(options));
  }

  /** The longest mount point that a path is at or below. */
  private static String coveredBy(Sheet sheet, String path) {
    String best = "";
    for (List<Object> row : sheet.rows()) {
      String point = text(row, "TARGET");
      boolean covers = point.equals("/") || path.equals(point) || path.startsWith(point + "/");
      if (covers && point.length() >= best.length()) {
        best = point;
      }
    }
    return best;
  }

  private static void indent(Sheet sheet) {
    int depth = Mounts.COLUMNS.indexOf("DEPTH");
    List<List<Object>> rows = sheet.rows();
    for (int i = 0; i < rows.size(); i++) {
      int own = (Integer) rows.get(i).get(depth);
      if (own == 0) {
        continue;
      }
      StringBuilder text = new StringBuilder();
      for (int level = 1; level < own; level++) {
        text.append(more(rows, i, depth, level) ? "│ " : "  ");
      }
      text.append(more(rows, i, depth, own) ? "├─" : "└─");
      rows.get(i).set(0, text + Plain.cell(rows.get(i).get(0)));
    }
  }

  /** Whether a sibling at this level follows before the tree goes up. */
  private static boolean more(List<List<Object>> rows, int from, int depth, int level) {
    for (int i = from + 1; i < rows.size(); i++) {
      int at = (Integer) rows.get(i).get(depth);
      if (at <= level) {
        return at == level;
      }
    }
    return false;
  }

  private void lines(Sheet sheet) {
    if (raw) {
      read.out().println(String.join(" ", sheet.columns()));
    }
    for (List<Object> row : sheet.rows()) {
      List<String> cells = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        String cell = Plain.cell(row.get(i));
        cells.add(
            raw
                ? cell.replace(" ", "\\x20")
                : sheet.columns().get(i) + "=\"" + cell.replace("\"", "\\\"") + "\"");
      }
      read.out().println(String.join(" ", cells));
    }
  }
}

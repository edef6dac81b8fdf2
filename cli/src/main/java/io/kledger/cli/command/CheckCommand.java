package io.kledger.cli.command;

import io.kledger.check.CheckReport;
import io.kledger.check.Finding;
import io.kledger.check.RecordingCheck;
import io.kledger.check.Tally;
import io.kledger.engine.Engines;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.RecordingFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares recordings of a real kernel with what the engine makes of them. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Folds recordings made on a real kernel and compares every snapshot and every predicted"
          + " result with what the kernel did. One line a recording, totals last; exit status 3 on"
          + " any difference."
    })
public final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "RECORDING",
      description = "A recording's directory, its .tar.gz, or a folder of them.")
  private List<Path> recordings;

  @Option(
      names = "--dump",
      paramLabel = "DIR",
      description = "Write what the engine holds at each snapshot, in the recordings' layout.")
  private Path dump;

  @Option(
      names = {"-v", "--verbose"},
      description = "List each difference with its line and rule.")
  private boolean verbose;

  @Option(
      names = "--rules",
      description = "List differences by call and rule, most frequent first.")
  private boolean rules;

  @Option(
      names = "--unknown",
      description = "List also each result that is not predicted, with its line and reason.")
  private boolean unknown;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "2",
      description = "Recordings checked at the same time; default ${DEFAULT-VALUE}.")
  private int jobs;

  private final Map<String, Group> groups = new LinkedHashMap<>();

  private static final class Group {
    private long count;
    private String example;
  }

  @Override
  public Integer call() throws IOException {
    List<Path> paths = new ArrayList<>();
    for (Path path : recordings) {
      List<Path> found = RecordingFiles.under(path);
      paths.addAll(found);
      if (found.isEmpty()) {
        throw new NoSuchFileException(path.toString(), null, "holds no recording");
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    Tally total = Tally.NONE;
    boolean passed = true;
    try (ExecutorService workers = Executors.newFixedThreadPool(Math.max(1, jobs))) {
      List<Future<CheckReport>> reports = new ArrayList<>();
      for (Path path : paths) {
        reports.add(workers.submit(() -> check(path)));
      }
      for (int i = 0; i < reports.size(); i++) {
        CheckReport report = reports.set(i, null).get();
        total = total.plus(report.tally());
        passed &= report.passed();
        print(out, report);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.DIFFERENT;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    if (rules) {
      printRules(out);
    }
    if (verbose || rules || unknown) {
      out.printf(
          "unclean mountinfo %s locks %s tasks %s; results not predicted %d%n",
          total.uncleanMountinfo(), total.uncleanLocks(), total.uncleanTasks(), total.unknown());
    }
    out.println(total);
    return passed ? ExitCode.SHOWN : ExitCode.DIFFERENT;
  }

  private CheckReport check(Path path) {
    try {
      return RecordingCheck.run(RecordingArchive.open(path), dump, Engines::create);
    } catch (IOException e) {
      return new CheckReport(path.toString(), Tally.NONE, List.of(), e.getMessage());
    } catch (StackOverflowError | OutOfMemoryError e) {
      // A defect of the engine in one recording must not hide what the others show.
      return new CheckReport(path.toString(), Tally.NONE, List.of(), e.toString());
    }
  }

  private void print(PrintWriter out, CheckReport report) {
    out.printf("%s %s%n", report.name(), report.tally());
    if (report.failure() != null) {
      out.printf("  failed: %s%n", report.failure());
    }
    for (Finding finding : report.findings()) {
      if (rules) {
        Group group =
            groups.computeIfAbsent(
                finding.kind() + " " + finding.call() + " " + finding.rule(), k -> new Group());
        if (group.count++ == 0) {
          group.example =
              report.name() + ":" + finding.line() + " " + finding.text().replace("\n", " ");
        }
      }
      if (finding.difference() ? verbose : unknown) {
        String what =
            (finding.kind() + " " + finding.call()).strip()
                + (finding.rule().isEmpty() ? "" : " [" + finding.rule() + "]");
        out.printf(
            "  %s:%d %s %s%n",
            report.name(), finding.line(), what, finding.text().replace("\n", "\n  "));
      }
    }
    out.flush();
  }

  private void printRules(PrintWriter out) {
    groups.entrySet().stream()
        .sorted((a, b) -> Long.compare(b.getValue().count, a.getValue().count))
        .forEach(
            entry ->
                out.printf(
                    "%7d %s%n          %s%n",
                    entry.getValue().count, entry.getKey().strip(), entry.getValue().example));
  }
}

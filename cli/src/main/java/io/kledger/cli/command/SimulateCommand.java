package io.kledger.cli.command;

import io.kledger.engine.Engines;
import io.kledger.engine.KernelFeature;
import io.kledger.event.Bytes;
import io.kledger.scenario.Scenario;
import io.kledger.scenario.ScenarioException;
import io.kledger.scenario.ScenarioFiles;
import io.kledger.scenario.ScenarioParser;
import io.kledger.scenario.ScenarioReport;
import io.kledger.scenario.ScenarioRunner;
import io.kledger.scenario.Words;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Computes what a trace's calls return on the model machine. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description = {
      "Feeds the calls of a scenario or trace to the model machine without their results, and prints"
          + " it with the results, out-parameters and views that the engine computes.",
      "With --check, compares them with what the files say; exit status 3 if any differs."
    })
public final class SimulateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "Scenarios, folders of them, or - for standard input.")
  private List<Path> files;

  @Option(names = "--check", description = "Compare; PASS or FAIL for each file, totals last.")
  private boolean check;

  @Option(
      names = "--kernel",
      paramLabel = "PROFILE",
      description = "Kernel of files without @kernel: wishlist (default), 6.18, 6.6 ...")
  private String kernel;

  @Option(
      names = "--feature",
      paramLabel = "SLUG=on|off",
      description = "Switches a kernel feature, whatever the file says.")
  private List<String> features = List.of();

  @Option(
      names = {"-q", "--quiet"},
      description = "Only files that differ, and totals.")
  private boolean quiet;

  @Override
  public Integer call() throws IOException {
    List<Path> scenarios = new ArrayList<>();
    for (Path file : files) {
      List<Path> found = ScenarioFiles.under(file);
      if (found.isEmpty()) {
        throw new NoSuchFileException(file.toString(), null, "holds no *.strace");
      }
      scenarios.addAll(found);
    }
    List<Words.Setting> settings = settings();
    PrintWriter out = spec.commandLine().getOut();
    int passed = 0;
    int failed = 0;
    for (Path path : scenarios) {
      if (!check) {
        ScenarioReport report = run(read(path), settings);
        if (scenarios.size() > 1) {
          out.println("# " + path);
        }
        report.transcript().forEach(line -> out.println(text(line)));
        continue;
      }
      if (checked(out, path, settings)) {
        passed++;
      } else {
        failed++;
      }
      out.flush();
    }
    if (check) {
      out.printf("passed %d failed %d%n", passed, failed);
    }
    return failed > 0 ? ExitCode.DIFFERENT : ExitCode.SHOWN;
  }

  private boolean checked(PrintWriter out, Path path, List<Words.Setting> settings)
      throws IOException {
    ScenarioReport report;
    try {
      report = run(read(path), settings);
    } catch (ScenarioException e) {
      out.printf("FAIL %s:%d%n  %s%n", path, e.line(), e.getMessage());
      return false;
    }
    if (report.passed()) {
      if (!quiet) {
        out.printf("PASS %s%n", path);
      }
      return true;
    }
    for (ScenarioReport.Difference difference : report.differences()) {
      out.printf(
          "FAIL %s:%d%n  expected %s%n  got      %s%n",
          path, difference.line(), text(difference.expected()), text(difference.got()));
    }
    out.printf("  run it again: kledger simulate --check %s%n", path);
    return false;
  }

  private ScenarioReport run(Scenario scenario, List<Words.Setting> settings) {
    return ScenarioRunner.run(scenario, kernel, settings, Engines::create);
  }

  private List<Words.Setting> settings() {
    List<Words.Setting> settings = new ArrayList<>();
    for (String feature : features) {
      int equals = feature.indexOf('=');
      String slug = equals < 0 ? feature : feature.substring(0, equals);
      String value = equals < 0 ? "on" : feature.substring(equals + 1);
      if (KernelFeature.ofSlug(slug) == null || !value.equals("on") && !value.equals("off")) {
        throw new ParameterException(
            spec.commandLine(), "--feature " + feature + ": expected SLUG=on or SLUG=off");
      }
      settings.add(new Words.Setting(slug, Bytes.of(value)));
    }
    return settings;
  }

  /** Reads a file, or standard input. */
  static Scenario read(Path path) throws IOException {
    return path.toString().equals("-")
        ? ScenarioParser.parse("-", new String(System.in.readAllBytes(), StandardCharsets.UTF_8))
        : ScenarioParser.read(path);
  }

  /** Texts of the engine are one char a byte. */
  private static String text(String line) {
    return line.chars().allMatch(c -> c < 256)
        ? new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
        : line;
  }
}

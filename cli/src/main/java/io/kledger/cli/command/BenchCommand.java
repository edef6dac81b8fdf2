package io.kledger.cli.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures the way from text to stored state, as ratios within one run. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = BenchKafkaCommand.class,
    description = {
      "Measures reading, decoding and folding of traces or recordings: each round prints lines/s and",
      "events/s of each step and their ratios to decoding alone. Ratios of one run can be compared;",
      "seconds of different machines cannot."
    })
public final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..*", paramLabel = "FILE", description = "Traces or recordings.")
  private List<String> files = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often; default ${DEFAULT-VALUE}. The first rounds warm the JVM up.")
  private int rounds;

  private interface Step {
    long nanos(Workload load) throws IOException;
  }

  @Override
  public Integer call() throws IOException {
    if (files.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "which traces or recordings?");
    }
    List<Workload> loads = new ArrayList<>();
    for (String file : files) {
      loads.add(Workload.of(file));
    }
    long lines = loads.stream().mapToLong(Workload::lines).sum();
    long bytes = loads.stream().mapToLong(Workload::textBytes).sum();
    long events = loads.stream().mapToLong(Workload::events).sum();
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%d files, %d lines, %.1f MB, %d events%n",
        loads.size(),
        lines,
        bytes / 1e6,
        events);
    out.println("round  read lines/s   MB/s  decode ev/s  fold ev/s ratio  durable ev/s ratio");
    Path directory = Files.createTempDirectory("kledger-bench");
    try {
      for (int round = 1; round <= rounds; round++) {
        double read = seconds(loads, Workload::read);
        double decode = seconds(loads, Workload::decode);
        double fold = seconds(loads, Workload::foldInMemory);
        int number = round;
        int[] store = {0};
        double durable =
            seconds(loads, load -> load.foldDurably(directory.resolve(number + "-" + store[0]++)));
        out.printf(
            Locale.ROOT,
            "%5d  %12.0f %6.0f %12.0f %10.0f  %.2f  %12.0f  %.2f%n",
            round,
            lines / read,
            bytes / 1e6 / read,
            events / decode,
            events / fold,
            decode / fold,
            events / durable,
            decode / durable);
        out.flush();
      }
    } finally {
      delete(directory);
    }
    return ExitCode.SHOWN;
  }

  private static double seconds(List<Workload> loads, Step step) throws IOException {
    long nanos = 0;
    for (Workload load : loads) {
      nanos += step.nanos(load);
    }
    return nanos / 1e9;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

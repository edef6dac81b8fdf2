package io.kledger.cli.command;

import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.RecordingFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures the way from text to stored state, as ratios within one run. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = {BenchKafkaCommand.class, BenchAsofCommand.class},
    description = {
      "Measures reading, decoding and folding of traces or recordings: each round prints lines/s and",
      "events/s of each step and their ratios to decoding alone. Ratios of one run can be compared;",
      "seconds of different machines cannot."
    })
public final class BenchCommand implements Callable<Integer> {
  private static final Pattern TRACE = Pattern.compile("\\.strace(\\.(gz|xz|zst))?$");

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = {
        "Traces, recordings, or folders of them. Default: the recordings that the project ships."
      })
  private List<Path> files = List.of();

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
    List<Workload> loads = new ArrayList<>();
    for (Path path : paths()) {
      loads.add(Workload.of(path.toString()));
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
    out.println("events/s, and in brackets how that relates to decoding alone in the same round");
    out.println(
        "round  read lines/s   MB/s        read           decode     fold            durable");
    List<double[]> ratios = new ArrayList<>();
    Path directory = Files.createTempDirectory("kledger-bench");
    try {
      for (int round = 1; round <= rounds; round++) {
        double read = seconds(loads, Workload::read);
        double decode = seconds(loads, Workload::decode);
        double fold = seconds(loads, Workload::foldInMemory);
        Path stores = directory.resolve(Integer.toString(round));
        Files.createDirectory(stores);
        int[] store = {0};
        double durable = seconds(loads, load -> load.foldDurably(stores.resolve("" + store[0]++)));
        delete(stores);
        ratios.add(new double[] {decode / read, decode / fold, decode / durable});
        out.printf(
            Locale.ROOT,
            "%5d  %12.0f %6.0f %9.0f (%.2f) %9.0f %9.0f (%.2f) %9.0f (%.2f)%n",
            round,
            lines / read,
            bytes / 1e6 / read,
            events / read,
            decode / read,
            events / decode,
            events / fold,
            decode / fold,
            events / durable,
            decode / durable);
        out.flush();
      }
      printMedians(out, ratios.subList(ratios.size() / 2, ratios.size()));
    } finally {
      delete(directory);
    }
    return ExitCode.SHOWN;
  }

  private static void printMedians(PrintWriter out, List<double[]> ratios) {
    double[] medians = new double[3];
    for (int i = 0; i < medians.length; i++) {
      int column = i;
      double[] values = ratios.stream().mapToDouble(row -> row[column]).sorted().toArray();
      medians[i] = values.length == 0 ? Double.NaN : values[values.length / 2];
    }
    out.printf(
        Locale.ROOT,
        "ratios to decoding, median of the last %d rounds: read %.2f fold %.2f durable %.2f%n",
        ratios.size(),
        medians[0],
        medians[1],
        medians[2]);
  }

  /** The traces and recordings meant; a folder stands for all in it. */
  private List<Path> paths() throws IOException {
    List<Path> paths = new ArrayList<>();
    for (Path file : files.isEmpty() ? List.of(Project.folder("corpus")) : files) {
      if (!Files.isDirectory(file) || RecordingFiles.isRecording(file)) {
        paths.add(file);
        continue;
      }
      List<Path> found = new ArrayList<>();
      for (Path path : RecordingFiles.under(file)) {
        if (!RecordingArchive.open(path).audit()) {
          found.add(path);
        }
      }
      try (Stream<Path> tree = Files.walk(file)) {
        tree.filter(path -> TRACE.matcher(path.toString()).find()).sorted().forEach(found::add);
      }
      found.removeIf(
          path ->
              path.getParent() != null
                  && !RecordingFiles.isRecording(path)
                  && RecordingFiles.isRecording(path.getParent()));
      if (found.isEmpty()) {
        throw new NoSuchFileException(file.toString(), null, "holds no trace and no recording");
      }
      paths.addAll(found);
    }
    return paths;
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

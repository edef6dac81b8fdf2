package io.kledger.cli.command;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.event.avro.Event;
import io.kledger.ingest.Inputs;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.kernel.KernelState;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures reading and folding of a trace. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures how fast a trace is read and folded, in memory.")
public final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A trace.")
  private String file;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often; default ${DEFAULT-VALUE}. The first rounds warm the JVM up.")
  private int rounds;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    for (int round = 1; round <= rounds; round++) {
      List<Event> events = new ArrayList<>();
      long start = System.nanoTime();
      try (StraceReader reader =
          StraceReader.open(Inputs.open(file), StraceOptions.of(file).withSalvage(true))) {
        reader.read(
            event -> {
              events.add(event);
              return events.size();
            });
      }
      long read = System.nanoTime();
      Engine engine = Engines.create(new KernelState());
      long position = 0;
      long defects = 0;
      for (Event e : events) {
        try {
          engine.fold(
              new Event(
                  ++position, e.getRealtime(), e.getMonotonic(), e.getTid(), e.getSource(),
                  e.getLine(), e.getBody()));
        } catch (RuntimeException defect) {
          defects++;
        }
      }
      long folded = System.nanoTime();
      out.printf(
          Locale.ROOT,
          "round %d: %d events, read %.0f/s, folded %.0f/s%s%n",
          round,
          events.size(),
          events.size() * 1e9 / (read - start),
          events.size() * 1e9 / (folded - read),
          defects == 0 ? "" : ", " + defects + " failed");
    }
    return ExitCode.SHOWN;
  }
}

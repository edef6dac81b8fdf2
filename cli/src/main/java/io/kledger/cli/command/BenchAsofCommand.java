package io.kledger.cli.command;

import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.MountsObserved;
import io.kledger.event.avro.PlaceObserved;
import io.kledger.event.avro.TaskObserved;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.Task;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.replay.AsOf;
import io.kledger.replay.Ledger;
import io.kledger.replay.LedgerOptions;
import io.kledger.replay.ObjectHistory;
import io.kledger.view.Fds;
import io.kledger.view.Locks;
import io.kledger.view.MountInfo;
import io.kledger.view.Tasks;
import io.kledger.view.Why;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what a state in the middle of a long log costs. */
@Command(
    name = "asof",
    mixinStandardHelpOptions = true,
    description = {
      "Makes two ledgers, one ten times as long as the other, and asks both for views at random",
      "positions: milliseconds of processor at the 50th and 99th percentile, and how much the longer one costs",
      "more. The state is about the same in both; what is measured is the length of the log."
    })
public final class BenchAsofCommand implements Callable<Integer> {
  private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();
  private static final int TIMES_LONGER = 10;
  private static final MachineId MACHINE = new MachineId("bench");
  @Spec private CommandSpec spec;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Events of the shorter ledger, about; default ${DEFAULT-VALUE}.")
  private long events;

  @Option(
      names = "--asked",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Questions of each kind after as many to warm up; default ${DEFAULT-VALUE}.")
  private int asked;

  /** A question about a state; what it finds is summed up, so that nothing is left out. */
  private interface Question {
    long ask(Ledger ledger, long position);
  }

  private static Map<String, Question> questions() {
    Map<String, Question> questions = new LinkedHashMap<>();
    questions.put("state", (ledger, at) -> at(ledger, at, state -> state.tasks.size()));
    questions.put(
        "mountinfo",
        (ledger, at) ->
            at(
                ledger,
                at,
                state -> {
                  Task task = Tasks.all(state).getLast();
                  var fs = state.fs.get(task.fs());
                  Place root = fs == null ? Place.UNKNOWN : fs.root();
                  return MountInfo.lines(state, task.namespaces().mount(), root).size();
                }));
    questions.put(
        "locks", (ledger, at) -> at(ledger, at, state -> Locks.sheet(state).rows().size()));
    questions.put(
        "tasks", (ledger, at) -> at(ledger, at, s -> Tasks.sheet(s, Tasks.all(s)).rows().size()));
    questions.put(
        "fds", (ledger, at) -> at(ledger, at, s -> Fds.sheet(s, Tasks.all(s)).rows().size()));
    questions.put(
        "why task",
        (ledger, at) -> at(ledger, at, s -> Why.task(s, Tasks.all(s).getLast()).size()));
    questions.put("history mount", BenchAsofCommand::history);
    questions.put("diff", (ledger, at) -> ledger.diff(Math.max(0, at - 50), at).size());
    return questions;
  }

  private static long history(Ledger ledger, long at) {
    long key;
    try (AsOf as = ledger.stateAt(at)) {
      List<Mount> mounts = as.state().mounts.rows();
      key = mounts.isEmpty() ? 0 : mounts.getLast().key();
    }
    return ObjectHistory.of(ledger, new ObjectHistory.Target.OfMount(key), at).size();
  }

  private interface View {
    long of(KernelState state);
  }

  private static long at(Ledger ledger, long position, View view) {
    try (AsOf as = ledger.stateAt(position)) {
      return view.of(as.state());
    }
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Path directory = Files.createTempDirectory("kledger-bench");
    try (Ledger small = ledger(directory.resolve("small"), events);
        Ledger large = ledger(directory.resolve("large"), events * TIMES_LONGER)) {
      out.printf("views at a random one of %d and of %d events%n", small.end(), large.end());
      out.println(
          "                  shorter: p50 ms   p99 ms   longer: p50 ms   p99 ms   p99 ratio");
      for (Map.Entry<String, Question> question : questions().entrySet()) {
        measure(small, question.getValue(), 1);
        measure(large, question.getValue(), 2);
        double[] shorter = measure(small, question.getValue(), 3);
        double[] longer = measure(large, question.getValue(), 4);
        out.printf(
            Locale.ROOT,
            "%-16s %16.2f %8.2f %16.2f %8.2f %11.2f%n",
            question.getKey(),
            shorter[0],
            shorter[1],
            longer[0],
            longer[1],
            longer[1] / shorter[1]);
        out.flush();
      }
    } finally {
      delete(directory);
    }
    return ExitCode.SHOWN;
  }

  private double[] measure(Ledger ledger, Question question, long seed) {
    Random random = new Random(seed);
    long end = ledger.end();
    double[] millis = new double[asked];
    long sum = 0;
    for (int i = 0; i < asked; i++) {
      long position = 1 + random.nextLong(end);
      long begin = CPU.getCurrentThreadCpuTime();
      sum += question.ask(ledger, position);
      millis[i] = (CPU.getCurrentThreadCpuTime() - begin) / 1e6;
    }
    if (sum < 0) {
      throw new IllegalStateException("a view of less than nothing");
    }
    Arrays.sort(millis);
    return new double[] {millis[asked / 2], millis[(int) (asked * 0.99)]};
  }

  private static Ledger ledger(Path directory, long events) throws IOException {
    LedgerUri uri = new LedgerUri.Directory(directory);
    try (EventLog log = EventLog.open(uri, LogOptions.DEFAULTS);
        Appender appender = log.appender(MACHINE);
        StraceReader reader =
            StraceReader.open(new BusyMachine(events), StraceOptions.of("bench"))) {
      begin(appender);
      reader.read(appender::append);
      appender.commit();
    }
    Ledger ledger =
        Ledger.open(uri, MACHINE, LedgerOptions.of(Engines::create, Engines.MODEL_VERSION));
    ledger.catchUp();
    return ledger;
  }

  /** A root, and the supervisor in it. */
  private static void begin(Appender appender) {
    List<ByteBuffer> mounts = List.of(bytes("1 1 0:1 / / rw shared:1 - rootfs rootfs rw"));
    TaskObserved supervisor =
        TaskObserved.newBuilder()
            .setTid(10)
            .setTgid(10)
            .setPpid(0)
            .setComm(bytes("supervisor"))
            .setUids(List.of(0L, 0L, 0L, 0L))
            .setGids(List.of(0L, 0L, 0L, 0L))
            .setRoot(PlaceObserved.newBuilder().setPath(bytes("/")).build())
            .setCwd(PlaceObserved.newBuilder().setPath(bytes("/")).build())
            .build();
    appender.append(new Event(0L, 0L, -1L, 0, 0, 0L, new MountsObserved(0L, 10, mounts)));
    appender.append(new Event(0L, 0L, -1L, 0, 0, 0L, supervisor));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

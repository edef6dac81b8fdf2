package io.kledger.projection.streams;

import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.log.kafka.KafkaClients;
import io.kledger.log.kafka.KafkaEventLog;
import io.kledger.log.kafka.Topics;
import io.kledger.replay.Ledger;
import io.kledger.replay.LedgerOptions;
import io.kledger.store.Store;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;

/**
 * Measures the way through Kafka beside the way through a directory, with the same events in the
 * same run. Arguments: the address of a ledger whose prefix may be used for others, how many
 * events, traces or recordings.
 */
public final class FoldBench {
  private static final int COMMIT_EVERY = 20_000;
  private static final int ROUNDS = 3;
  private static final int MACHINES = 8;
  private static final int LATENCY_EVENTS = 10_000;
  private static final int LATENCY_BATCH = 10;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final LedgerUri.Kafka base;
  private final List<List<Event>> machines;
  private final long events;
  private final Path directory;
  private double reference;

  private FoldBench(LedgerUri.Kafka base, List<List<Event>> machines, Path directory) {
    this.base = base;
    this.machines = machines;
    this.directory = directory;
    events = machines.stream().mapToLong(List::size).sum();
  }

  public static void main(String[] arguments) throws Exception {
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    LedgerUri.Kafka base = (LedgerUri.Kafka) LedgerUri.parse(arguments[0]);
    long wanted = Long.parseLong(arguments[1]);
    List<String> files = List.of(arguments).subList(2, arguments.length);
    Path directory = Files.createTempDirectory("kledger-bench");
    try {
      new FoldBench(base, BenchEvents.machines(files, MACHINES, wanted), directory).run();
    } finally {
      try (Stream<Path> tree = Files.walk(directory)) {
        tree.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
    System.exit(0);
  }

  @FunctionalInterface
  private interface Step {
    void run() throws Exception;
  }

  private void run() throws Exception {
    System.out.printf(Locale.ROOT, "%d events of %d machines%n", events, machines.size());
    System.out.println("what                                  events/s  per core-s  of local");
    for (int round = 1; round <= ROUNDS; round++) {
      System.out.println("round " + round);
      Path ledger = directory.resolve("ledger" + round);
      measure("import to a directory", true, () -> append(new LedgerUri.Directory(ledger), 1));
      LedgerUri.Kafka one = named("one" + round);
      measure("import to Kafka, 1 partition", false, () -> append(one, 1));
      LedgerUri.Kafka two = named("two" + round);
      append(two, 2);
      measure("fold of a directory", true, () -> foldLocally(ledger));
      fold("Kafka Streams, 1 partition, 1 thread", one, 1);
      fold("Kafka Streams, 2 partitions, 2 threads", two, 2);
    }
    latency(named("latency"));
  }

  private LedgerUri.Kafka named(String name) {
    return new LedgerUri.Kafka(
        base.bootstrap(), base.prefix() + "-bench-" + ProcessHandle.current().pid() + "-" + name);
  }

  private void measure(String what, boolean isReference, Step step) throws Exception {
    long cpu = cpu();
    long begin = System.nanoTime();
    step.run();
    double seconds = (System.nanoTime() - begin) / 1e9;
    double cores = (cpu() - cpu) / 1e9;
    double rate = events / seconds;
    if (isReference) {
      reference = rate;
    }
    System.out.printf(
        Locale.ROOT, "%-38s%9.0f %11.0f %9.2f%n", what, rate, events / cores, rate / reference);
  }

  /** CPU time of this process; what the broker uses is not in it. */
  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private void append(LedgerUri uri, int partitions) {
    Map<String, String> kafka = Map.of(KafkaClients.PARTITIONS, Integer.toString(partitions));
    try (EventLog log = EventLog.open(uri, LogOptions.DEFAULTS.withKafka(kafka))) {
      for (int m = 0; m < machines.size(); m++) {
        try (Appender appender = log.appender(id(m))) {
          for (Event event : machines.get(m)) {
            if (appender.append(event) % COMMIT_EVERY == 0) {
              appender.commit();
            }
          }
          appender.commit();
        }
      }
    }
  }

  /** Machines whose names go to different partitions of two. */
  private static MachineId id(int number) {
    return new MachineId("m" + number);
  }

  private void foldLocally(Path ledger) {
    for (int m = 0; m < machines.size(); m++) {
      LedgerOptions options = LedgerOptions.of(Engines::create, Engines.MODEL_VERSION);
      try (Ledger opened = Ledger.open(new LedgerUri.Directory(ledger), id(m), options)) {
        opened.catchUp();
      }
    }
  }

  private void fold(String what, LedgerUri.Kafka uri, int threads) throws Exception {
    LogOptions logging = LogOptions.DEFAULTS.withCreate(false);
    try (KafkaEventLog log = KafkaEventLog.open(uri, logging);
        StreamsFold fold = new StreamsFold(log, options(uri, threads))) {
      fold.start();
      // Joining the group takes seconds, however much there is to fold.
      while (!fold.running()) {
        Thread.sleep(1);
      }
      measure(what, false, () -> awaitEnd(fold));
    }
  }

  private void awaitEnd(StreamsFold fold) throws InterruptedException {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    for (int m = 0; m < machines.size(); m++) {
      long end = machines.get(m).size();
      while (position(fold, id(m)) < end) {
        if (System.nanoTime() > giveUp || fold.failed()) {
          throw new IllegalStateException("the fold does not come to its end");
        }
        Thread.sleep(10);
      }
    }
  }

  private StreamsFold.Options options(LedgerUri.Kafka uri, int threads) {
    return new StreamsFold.Options(
        directory.resolve(uri.prefix()), threads, 0, null, Map.of(), System.err::println);
  }

  private static long position(StreamsFold fold, MachineId machine) {
    Store store = fold.store(machine);
    return store == null ? 0 : store.position();
  }

  /** From before an event is appended until a read_committed subscriber has a change of it. */
  private void latency(LedgerUri.Kafka uri) throws Exception {
    List<Event> source = machines.getFirst();
    int count = Math.min(LATENCY_EVENTS, source.size());
    long[] appended = new long[count + 1];
    long[] latencies = new long[count + 1];
    Map<String, String> kafka = Map.of(KafkaClients.PARTITIONS, "1");
    try (KafkaEventLog log = KafkaEventLog.open(uri, LogOptions.DEFAULTS.withKafka(kafka));
        StreamsFold fold = new StreamsFold(log, options(uri, 1));
        Appender appender = log.appender(id(0))) {
      fold.start();
      while (!fold.running()) {
        Thread.sleep(50);
      }
      boolean[] done = {false};
      Thread subscriber =
          Thread.ofPlatform().start(() -> subscribe(uri, appended, latencies, done));
      long begin = System.nanoTime();
      for (int i = 0; i < count; i++) {
        appended[i + 1] = System.nanoTime();
        appender.append(source.get(i));
        if ((i + 1) % LATENCY_BATCH == 0) {
          appender.commit();
          long due = begin + (i + 1) * 1_000_000L;
          Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
        }
      }
      appender.commit();
      while (position(fold, id(0)) < count) {
        Thread.sleep(10);
      }
      Thread.sleep(500);
      done[0] = true;
      subscriber.join();
    }
    report(Arrays.stream(latencies).filter(nanos -> nanos > 0).sorted().toArray(), count);
  }

  private static void report(long[] sorted, int count) {
    if (sorted.length == 0) {
      System.out.println("latency: these events change nothing");
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "append to change at a subscriber, 1000 events/s in groups of %d: p50 %.0f ms, p99 %.0f ms"
            + " (%d of %d events have changes)%n",
        LATENCY_BATCH,
        sorted[sorted.length / 2] / 1e6,
        sorted[(int) (sorted.length * 0.99)] / 1e6,
        sorted.length,
        count);
  }

  private static void subscribe(
      LedgerUri.Kafka uri, long[] appended, long[] latencies, boolean[] done) {
    List<TopicPartition> changes =
        new ArrayList<>(List.of(new TopicPartition(new Topics(uri.prefix()).changes(), 0)));
    try (var consumer = new KafkaClients(uri, Map.of()).consumer()) {
      consumer.assign(changes);
      consumer.seekToBeginning(changes);
      while (!done[0]) {
        for (var record : consumer.poll(Duration.ofMillis(20))) {
          byte[] said = record.headers().lastHeader("ce_position").value();
          int position = Integer.parseInt(new String(said, StandardCharsets.US_ASCII));
          if (latencies[position] == 0) {
            latencies[position] = System.nanoTime() - appended[position];
          }
        }
      }
    }
  }
}

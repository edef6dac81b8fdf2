package io.kledger.replay;

import io.kledger.engine.Engines;
import io.kledger.engine.Folded;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.log.codec.EventCodec;
import io.kledger.log.codec.WireOut;
import io.kledger.store.RecordCodecs;
import io.kledger.store.Store;
import io.kledger.store.Table;
import io.kledger.store.rocks.RocksOptions;
import io.kledger.store.rocks.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Decoding, folding in memory, folding with stored state and history: events per second of each,
 * and their ratios, in one run. Each recording of the corpus is a machine of its own, with a state
 * and a store of its own; opening and closing stores is not counted.
 *
 * <p>Arguments: rounds, events per commit, families of recordings, fewest events of a recording.
 */
final class FoldBenchmark {
  /** One machine: its events, encoded. */
  private record Machine(byte[] bytes, int[] offsets) {
    int events() {
      return offsets.length - 1;
    }
  }

  private final List<Machine> machines = new ArrayList<>();
  private final int batch;
  private final Path directory;
  private long events;
  private long defects;
  private long written;

  private FoldBenchmark(int batch, Path directory) {
    this.batch = batch;
    this.directory = directory;
  }

  private void add(List<Event> recording) {
    WireOut out = new WireOut(1 << 20);
    int[] offsets = new int[recording.size() + 1];
    for (int i = 0; i < recording.size(); i++) {
      Event event = recording.get(i);
      event.put(0, i + 1L);
      EventCodec.encode(event, out);
      offsets[i + 1] = out.size();
    }
    machines.add(new Machine(out.toByteArray(), offsets));
    events += recording.size();
  }

  public static void main(String[] arguments) throws IOException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    int batch = arguments.length > 1 ? Integer.parseInt(arguments[1]) : Replayer.BATCH;
    String families = arguments.length > 2 ? arguments[2] : ".*";
    int fewest = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 3000;
    Path directory = Files.createTempDirectory("fold-benchmark");
    FoldBenchmark benchmark = new FoldBenchmark(batch, directory);
    for (Path recording : Recordings.all()) {
      if (recording.getParent().getFileName().toString().matches(families)) {
        List<Event> read = Recordings.events(recording, 1);
        if (read.size() >= fewest) {
          benchmark.add(read);
        }
      }
    }
    System.out.printf(
        "%d events of %d recordings, %d per commit%n",
        benchmark.events, benchmark.machines.size(), batch);
    for (int i = 0; i < rounds; i++) {
      benchmark.round();
    }
    delete(directory);
  }

  private void round() {
    double decode = perSecond(this::decode);
    defects = 0;
    double memory = perSecond(machine -> fold(machine, null));
    written = 0;
    double durable = perSecond(this::foldDurably);
    System.out.printf(
        "decode %.0f/s  memory %.0f/s (%.2f)  durable %.0f/s (%.2f)  defects %d  rows %d%n",
        decode, memory, memory / decode, durable, durable / decode, defects, written);
  }

  /** The work says how long it took. */
  private double perSecond(ToLongFunction<Machine> work) {
    long nanos = 0;
    for (Machine machine : machines) {
      nanos += work.applyAsLong(machine);
    }
    return events * 1e9 / nanos;
  }

  private static Event event(EventCodec.Decoder decoder, Machine machine, int i) {
    int from = machine.offsets()[i];
    return decoder.decode(machine.bytes(), from, machine.offsets()[i + 1] - from);
  }

  private long decode(Machine machine) {
    EventCodec.Decoder decoder = EventCodec.decoder(EventCodec.SCHEMA);
    long begin = System.nanoTime();
    long sum = 0;
    for (int i = 0; i < machine.events(); i++) {
      sum += event(decoder, machine, i).getPosition();
    }
    long nanos = System.nanoTime() - begin;
    if (sum != machine.events() * (machine.events() + 1L) / 2) {
      throw new IllegalStateException("not decoded");
    }
    return nanos;
  }

  private long foldDurably(Machine machine) {
    delete(directory.resolve("store"));
    RocksOptions options = RocksOptions.DEFAULTS.withSync(false);
    RecordCodecs codecs = new RecordCodecs(Tables.ALL);
    try (Store store = RocksStore.open(directory.resolve("store"), codecs, "benchmark", options)) {
      return fold(machine, store);
    }
  }

  private long fold(Machine machine, Store store) {
    EventCodec.Decoder decoder = EventCodec.decoder(EventCodec.SCHEMA);
    KernelState state = new KernelState();
    EventFold fold = new EventFold(Engines.create(state), new Counting());
    long begin = System.nanoTime();
    for (int i = 0; i < machine.events(); i++) {
      fold.fold(event(decoder, machine, i));
      if ((i + 1) % batch == 0 || i == machine.events() - 1) {
        if (store == null) {
          state.tables().all().forEach(Table::committed);
        } else {
          state.tables().all().forEach(table -> written += table.dirtyKeys().length);
          store.commit(i + 1, state.tables(), List.of());
        }
      }
    }
    return System.nanoTime() - begin;
  }

  private final class Counting implements EventFold.Listener {
    @Override
    public void folded(Event event, Folded folded, KernelState state) {}

    @Override
    public void defect(Event event, RuntimeException failure) {
      defects++;
    }
  }

  private static void delete(Path directory) {
    if (Files.exists(directory)) {
      try (Stream<Path> tree = Files.walk(directory)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}

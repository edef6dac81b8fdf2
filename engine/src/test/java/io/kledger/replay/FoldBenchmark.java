package io.kledger.replay;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.log.codec.EventCodec;
import io.kledger.log.codec.WireOut;
import io.kledger.store.RecordCodecs;
import io.kledger.store.Store;
import io.kledger.store.rocks.RocksOptions;
import io.kledger.store.rocks.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Decoding, folding in memory, folding with stored state and history: events per second of each,
 * and their ratios, in one run over the corpus of recordings, one after the other as one machine.
 *
 * <p>Arguments: rounds, events at most, events per commit.
 */
final class FoldBenchmark {
  private final byte[] bytes;
  private final int[] offsets;
  private final int batch;
  private final Path directory;
  private long defects;
  private long written;

  private FoldBenchmark(List<Event> events, int batch, Path directory) {
    WireOut out = new WireOut(1 << 20);
    offsets = new int[events.size() + 1];
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      event.put(0, i + 1L);
      EventCodec.encode(event, out);
      offsets[i + 1] = out.size();
    }
    bytes = out.toByteArray();
    this.batch = batch;
    this.directory = directory;
  }

  public static void main(String[] arguments) throws IOException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    int most = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 400_000;
    int batch = arguments.length > 2 ? Integer.parseInt(arguments[2]) : Replayer.BATCH;
    List<Event> events = new ArrayList<>();
    int source = 0;
    String families = arguments.length > 3 ? arguments[3] : "prog|fuzz-fd|ltp-(fd|lock|process)";
    for (Path recording : Recordings.all()) {
      String family = recording.getParent().getFileName().toString();
      if (events.size() < most && family.matches(families)) {
        events.addAll(Recordings.events(recording, ++source));
      }
    }
    List<Event> once = List.copyOf(events);
    while (events.size() + once.size() <= most) {
      events.addAll(once);
    }
    Path directory = Files.createTempDirectory("fold-benchmark");
    FoldBenchmark benchmark = new FoldBenchmark(events, batch, directory);
    System.out.printf(
        "%d events of %d recordings, %d bytes each, %d per commit%n",
        events.size(), source, benchmark.bytes.length / events.size(), batch);
    for (int i = 0; i < rounds; i++) {
      benchmark.round();
    }
    delete(directory);
  }

  private void round() {
    double decode = perSecond(this::decode);
    double memory = perSecond(this::foldInMemory);
    double durable = perSecond(this::foldDurably);
    System.out.printf(
        "decode %.0f/s  memory %.0f/s (%.2f)  durable %.0f/s (%.2f)  defects %d  rows %d%n",
        decode, memory, memory / decode, durable, durable / decode, defects, written);
  }

  private double perSecond(Runnable work) {
    long begin = System.nanoTime();
    work.run();
    return (offsets.length - 1) * 1e9 / (System.nanoTime() - begin);
  }

  private Event event(EventCodec.Decoder decoder, int i) {
    return decoder.decode(bytes, offsets[i], offsets[i + 1] - offsets[i]);
  }

  private void decode() {
    EventCodec.Decoder decoder = EventCodec.decoder(EventCodec.SCHEMA);
    long sum = 0;
    for (int i = 0; i < offsets.length - 1; i++) {
      sum += event(decoder, i).getPosition();
    }
    if (sum == 0) {
      throw new IllegalStateException("nothing decoded");
    }
  }

  private EventFold fold(Engine engine) {
    defects = 0;
    return new EventFold(
        engine,
        new EventFold.Listener() {
          @Override
          public void folded(Event event, io.kledger.engine.Folded folded, KernelState state) {}

          @Override
          public void defect(Event event, RuntimeException failure) {
            defects++;
          }
        });
  }

  private void foldInMemory() {
    EventCodec.Decoder decoder = EventCodec.decoder(EventCodec.SCHEMA);
    KernelState state = new KernelState();
    EventFold fold = fold(Engines.create(state));
    for (int i = 0; i < offsets.length - 1; i++) {
      fold.fold(event(decoder, i));
      if ((i + 1) % batch == 0) {
        state.tables().all().forEach(io.kledger.store.Table::committed);
      }
    }
  }

  private void foldDurably() {
    EventCodec.Decoder decoder = EventCodec.decoder(EventCodec.SCHEMA);
    KernelState state = new KernelState();
    EventFold fold = fold(Engines.create(state));
    written = 0;
    delete(directory.resolve("store"));
    RecordCodecs codecs = new RecordCodecs(Tables.ALL);
    try (Store store =
        RocksStore.open(directory.resolve("store"), codecs, "benchmark", RocksOptions.DEFAULTS)) {
      for (int i = 0; i < offsets.length - 1; i++) {
        fold.fold(event(decoder, i));
        if ((i + 1) % batch == 0 || i == offsets.length - 2) {
          state.tables().all().forEach(table -> written += table.dirtyKeys().length);
          store.commit(i + 1, state.tables(), List.of());
        }
      }
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

package io.kledger.cli.command;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.event.avro.Event;
import io.kledger.ingest.Inputs;
import io.kledger.ingest.proc.SnapshotReader;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.RecordingFiles;
import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.log.Cursor;
import io.kledger.log.codec.EventCodec;
import io.kledger.log.codec.WireOut;
import io.kledger.replay.EventFold;
import io.kledger.replay.Replayer;
import io.kledger.store.RecordCodecs;
import io.kledger.store.Store;
import io.kledger.store.Table;
import io.kledger.store.rocks.RocksOptions;
import io.kledger.store.rocks.RocksStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One trace to measure with: its text, its events and their encoding. Each method does one thing
 * with all of it and returns how long that took, in nanoseconds.
 */
final class Workload {
  private final String name;
  private final byte[] text;
  private final int lines;
  private final byte[] encoded;
  private final int[] offsets;

  private Workload(String name, byte[] text, List<Event> events) {
    this.name = name;
    this.text = text;
    int count = 0;
    for (byte b : text) {
      count += b == '\n' ? 1 : 0;
    }
    lines = count;
    WireOut out = new WireOut(1 << 20);
    offsets = new int[events.size() + 1];
    for (int i = 0; i < events.size(); i++) {
      Event e = events.get(i);
      EventCodec.encode(
          new Event(
              i + 1L,
              e.getRealtime(),
              e.getMonotonic(),
              e.getTid(),
              e.getSource(),
              e.getLine(),
              e.getBody()),
          out);
      offsets[i + 1] = out.size();
    }
    encoded = out.toByteArray();
  }

  /** Reads a trace, or a recording with the state it began with. */
  static Workload of(String file) throws IOException {
    List<Event> events = new ArrayList<>();
    byte[] text = read(file, events);
    return new Workload(file, text, events);
  }

  /** The events of a trace, or of a recording with the state it began with, numbered from 1. */
  static List<Event> eventsOf(String file) throws IOException {
    List<Event> read = new ArrayList<>();
    read(file, read);
    List<Event> events = new ArrayList<>(read.size());
    for (Event e : read) {
      events.add(
          new Event(
              events.size() + 1L,
              e.getRealtime(),
              e.getMonotonic(),
              e.getTid(),
              e.getSource(),
              e.getLine(),
              e.getBody()));
    }
    return events;
  }

  private static byte[] read(String file, List<Event> events) throws IOException {
    Path path = Path.of(file);
    byte[] text;
    if (RecordingFiles.isRecording(path)) {
      RecordingArchive archive = RecordingArchive.open(path);
      SnapshotFiles first = archive.snapshots().getFirst();
      events.addAll(SnapshotReader.events(archive.recorder(), first, 1));
      try (InputStream in = archive.trace()) {
        text = in.readAllBytes();
      }
    } else {
      try (InputStream in = Inputs.open(file)) {
        text = in.readAllBytes();
      }
    }
    parse(file, text, events);
    return text;
  }

  int lines() {
    return lines;
  }

  long textBytes() {
    return text.length;
  }

  int events() {
    return offsets.length - 1;
  }

  /** Text to events. */
  long read() throws IOException {
    List<Event> events = new ArrayList<>(events());
    long begin = System.nanoTime();
    parse(name, text, events);
    return System.nanoTime() - begin;
  }

  /** Bytes to events. */
  long decode() {
    EventCodec.Decoder decoder = EventCodec.decoder(EventCodec.SCHEMA);
    long begin = System.nanoTime();
    long sum = 0;
    for (int i = 0; i < events(); i++) {
      sum += event(decoder, i).getPosition();
    }
    long nanos = System.nanoTime() - begin;
    if (sum != events() * (events() + 1L) / 2) {
      throw new IllegalStateException("events were decoded wrongly");
    }
    return nanos;
  }

  /** Bytes to state in memory. */
  long foldInMemory() {
    EventCodec.Decoder decoder = EventCodec.decoder(EventCodec.SCHEMA);
    KernelState state = new KernelState();
    EventFold fold = new EventFold(Engines.create(state), EventFold.SILENT);
    long begin = System.nanoTime();
    for (int i = 0; i < events(); i++) {
      fold.fold(event(decoder, i));
      if ((i + 1) % Replayer.BATCH == 0) {
        state.tables().all().forEach(Table::committed);
      }
    }
    return System.nanoTime() - begin;
  }

  /**
   * Bytes to state with history on disk, as an import does it: decoded ahead in a second thread,
   * and handed to the system at each commit. The log is what is synced.
   */
  long foldDurably(Path directory) {
    RecordCodecs codecs = new RecordCodecs(Tables.ALL);
    RocksOptions options = RocksOptions.DEFAULTS.withSync(false);
    try (Store store = RocksStore.open(directory, codecs, "bench", options)) {
      Engine engine = Engines.create(new KernelState());
      Replayer replayer = new Replayer(engine, store, Replayer.BATCH);
      long begin = System.nanoTime();
      replayer.replay(new Encoded(), events(), EventFold.SILENT);
      return System.nanoTime() - begin;
    }
  }

  /** Reads the encoded events. */
  private final class Encoded implements Cursor {
    private final EventCodec.Decoder decoder = EventCodec.decoder(EventCodec.SCHEMA);
    private int next;

    @Override
    public Event next() {
      return next == events() ? null : event(decoder, next++);
    }

    @Override
    public Event await(Duration timeout) {
      return next();
    }

    @Override
    public long position() {
      return next + 1L;
    }

    @Override
    public void close() {}
  }

  private Event event(EventCodec.Decoder decoder, int i) {
    return decoder.decode(encoded, offsets[i], offsets[i + 1] - offsets[i]);
  }

  private static void parse(String name, byte[] text, List<Event> into) throws IOException {
    StraceOptions options = StraceOptions.of(name).withSalvage(true);
    try (StraceReader reader = StraceReader.open(new ByteArrayInputStream(text), options)) {
      reader.read(
          event -> {
            into.add(event);
            return into.size();
          });
    }
  }
}

package io.kledger.projection.streams;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.LogException;
import io.kledger.log.codec.WireException;
import io.kledger.log.kafka.Framing;
import io.kledger.store.KeyedStore;
import io.kledger.store.RecordCodecs;
import io.kledger.view.Note;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Folds the events of a partition, machine by machine. Changes go on to one topic; what is no
 * event, or not the next one of its machine (a duplicate, one that is late, one after a gap), to
 * another, with the reason: the state never shows anything else than the events without a gap.
 */
final class FoldProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  /** Machines held in memory by a task; others are read from the store again. */
  private static final int MOST_MACHINES = 256;

  /** What all tasks of an instance share. */
  record Shared(
      RecordCodecs codecs,
      String identity,
      Framing framing,
      String prefix,
      SwitchOver switchOver) {}

  private final Shared shared;
  private final Map<MachineId, MachineFold> folds = new LinkedHashMap<>(16, 0.75f, true);
  private final List<MachineFold> dirty = new ArrayList<>();
  private Framing.Decoder decoder;
  private ProcessorContext<byte[], byte[]> context;
  private FoldStateStore store;

  FoldProcessor(Shared shared) {
    this.shared = shared;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> newContext) {
    context = newContext;
    folds.clear();
    dirty.clear();
    decoder = shared.framing().decoder();
    store = context.getStateStore(FoldStateStore.NAME);
    store.beforeCommit(this::commit);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata where = context.recordMetadata().orElseThrow();
    boolean emit = shared.switchOver().emit(where.partition(), where.offset());
    MachineId machine;
    Event event;
    try {
      machine = new MachineId(new String(record.key(), StandardCharsets.UTF_8));
      event = decoder.decode(record.value());
    } catch (WireException | IllegalArgumentException | NullPointerException e) {
      reject(emit, record, "not an event: " + e.getMessage());
      return;
    } catch (LogException.Schema e) {
      // Not to be passed over: another version of this program can read it.
      throw e;
    }
    MachineFold fold = fold(machine);
    if (event.getPosition() != fold.position() + 1) {
      reject(emit, record, misplaced(event.getPosition(), fold.position()));
      return;
    }
    if (dirty.isEmpty() || dirty.getLast() != fold) {
      dirty.add(fold);
    }
    List<Note> notes = fold.fold(event);
    if (emit && !notes.isEmpty()) {
      forward(record, fold.changes(), event, notes);
    }
  }

  private static String misplaced(long position, long last) {
    return position <= last
        ? "event @" + position + " is there already, or late: the last one is @" + last
        : "event @" + position + " follows @" + last + ": those between are missing";
  }

  private MachineFold fold(MachineId machine) {
    MachineFold known = folds.get(machine);
    if (known == null) {
      known =
          new MachineFold(
              new KeyedStore(
                  new StreamsValues(store.values(), machine, true),
                  shared.codecs(),
                  shared.identity()),
              new ChangeRecords(shared.prefix(), machine));
      folds.put(machine, known);
    }
    return known;
  }

  private void forward(
      Record<byte[], byte[]> record, ChangeRecords changes, Event event, List<Note> notes) {
    changes.begin(event);
    int index = 0;
    for (Note note : notes) {
      context.forward(
          new Record<>(
              record.key(),
              changes.value(note),
              record.timestamp(),
              changes.headers(index++, note)),
          FoldTopology.CHANGES);
    }
  }

  private void reject(boolean emit, Record<byte[], byte[]> record, String reason) {
    if (!emit) {
      return;
    }
    RecordHeaders headers = new RecordHeaders();
    headers.add("reason", ChangeRecords.bytes(reason));
    context
        .recordMetadata()
        .ifPresent(
            where ->
                headers.add(
                    "from",
                    ChangeRecords.bytes(
                        where.topic() + " " + where.partition() + " " + where.offset())));
    context.forward(
        new Record<>(record.key(), record.value(), record.timestamp(), headers),
        FoldTopology.REJECTED);
  }

  /** Called before each commit of the task. */
  private void commit() {
    dirty.forEach(MachineFold::commit);
    dirty.clear();
    while (folds.size() > MOST_MACHINES) {
      folds.remove(folds.keySet().iterator().next());
    }
  }

  @Override
  public void close() {
    folds.clear();
    dirty.clear();
  }
}

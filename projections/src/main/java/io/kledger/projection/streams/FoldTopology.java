package io.kledger.projection.streams;

import io.kledger.log.kafka.Topics;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;

/** Events in, changes and rejected records out, state between. */
final class FoldTopology {
  static final String CHANGES = "changes";
  static final String REJECTED = "rejected";
  private static final String EVENTS = "events";
  private static final String FOLD = "fold";

  private FoldTopology() {}

  static Topology of(Topics topics, FoldProcessor.Shared shared) {
    var bytes = Serdes.ByteArray();
    ProcessorSupplier<byte[], byte[], byte[], byte[]> fold = () -> processor(shared);
    return new Topology()
        .addSource(EVENTS, bytes.deserializer(), bytes.deserializer(), topics.events())
        .addProcessor(FOLD, fold, EVENTS)
        .addStateStore(new FoldStateStore.Builder(Map.of()), FOLD)
        .addSink(CHANGES, topics.changes(), bytes.serializer(), bytes.serializer(), FOLD)
        .addSink(REJECTED, topics.rejected(), bytes.serializer(), bytes.serializer(), FOLD);
  }

  private static Processor<byte[], byte[], byte[], byte[]> processor(FoldProcessor.Shared shared) {
    return new FoldProcessor(shared);
  }
}

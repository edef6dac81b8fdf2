package io.kledger.log.kafka;

import io.kledger.event.avro.Event;
import io.kledger.log.LogException;
import io.kledger.log.codec.EventCodec;
import io.kledger.log.codec.WireException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * How an event stands in a record's value. Avro's single-object encoding, with the schema's
 * fingerprint; or, if a registry is configured, what the serializers of schema registries write: a
 * zero byte, the number of the schema (four bytes), the event. Both are read.
 */
public final class Framing {

  /** Address of a schema registry; none if not said. */
  public static final String REGISTRY = "kledger.registry.url";

  /** {@code user:password} for it. */
  public static final String REGISTRY_USER = "kledger.registry.user";

  private static final byte MAGIC = 0;
  private static final int HEADER = 5;

  private final KafkaSchemas schemas;
  private final SchemaRegistry registry;
  private final String topic;

  /** The framing that the client's properties say. */
  public Framing(KafkaClients clients, KafkaSchemas schemas, String topic) {
    this.schemas = schemas;
    this.topic = topic;
    var url = clients.own(REGISTRY, null);
    registry = url == null ? null : new SchemaRegistry(url, clients.own(REGISTRY_USER, null));
  }

  /**
   * An event as a value.
   *
   * @throws WireException if it lacks what the schema demands
   */
  public byte[] encode(Event event) {
    if (registry == null) {
      return EventCodec.encodeSingleObject(event);
    }
    byte[] body = EventCodec.encode(event);
    return ByteBuffer.allocate(HEADER + body.length)
        .put(MAGIC)
        .putInt(registry.register(topic))
        .put(body)
        .array();
  }

  /** A decoder for one thread. */
  public Decoder decoder() {
    return new Decoder();
  }

  /** Decodes values; see {@link Framing}. */
  public final class Decoder {
    private final EventCodec.SingleObjectDecoder single =
        EventCodec.singleObjectDecoder(schemas::find);
    private final Map<Integer, EventCodec.Decoder> numbered = new HashMap<>();

    private Decoder() {}

    /**
     * The event of a value.
     *
     * @throws WireException if it is none
     * @throws LogException.Schema if its schema is not known or not readable
     */
    public Event decode(byte[] value) {
      if (value.length < HEADER || value[0] != MAGIC) {
        return single.decode(value);
      }
      if (registry == null) {
        throw new LogException.Schema(
            "an event in topic "
                + topic
                + " has its schema in a registry; say where that is, with "
                + REGISTRY
                + " in the file of --kafka-config",
            null);
      }
      int number = ByteBuffer.wrap(value, 1, Integer.BYTES).getInt();
      return numbered
          .computeIfAbsent(number, id -> EventCodec.decoder(registry.find(id)))
          .decode(value, HEADER, value.length - HEADER);
    }
  }
}

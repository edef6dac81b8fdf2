package io.kledger.log.kafka;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.Syscall;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * An event as a Kafka record. Key: the machine's name. Value: the event, see {@link Framing}.
 * Headers, text: {@code position}, and {@code type}, the name of the event's record.
 */
public final class EventRecords {

  /** Header: the event's position, in decimal. */
  public static final String POSITION = "position";

  /** Header: the name of the event's record, of a call that of its arguments. */
  public static final String TYPE = "type";

  private EventRecords() {}

  static ProducerRecord<byte[], byte[]> event(
      String topic, int partition, MachineId machine, byte[] value, long position, Event event) {
    List<Header> headers =
        List.of(
            new RecordHeader(POSITION, bytes(Long.toString(position))),
            new RecordHeader(TYPE, bytes(type(event))));
    return new ProducerRecord<>(topic, partition, key(machine), value, headers);
  }

  /** What could not be read, as it was: for the topic of rejected lines. Null for other events. */
  static ProducerRecord<byte[], byte[]> rejected(
      String topic, MachineId machine, long position, Event event) {
    if (!(event.getBody() instanceof Gap gap) || gap.getText() == null) {
      return null;
    }
    var text = gap.getText().duplicate();
    byte[] value = new byte[text.remaining()];
    text.get(value);
    List<Header> headers =
        List.of(
            new RecordHeader("reason", bytes(gap.getReason())),
            new RecordHeader(POSITION, bytes(Long.toString(position))),
            new RecordHeader("source", bytes(Integer.toString(event.getSource()))),
            new RecordHeader("line", bytes(Long.toString(gap.getLine()))),
            new RecordHeader("column", bytes(Integer.toString(gap.getColumn()))));
    return new ProducerRecord<>(topic, null, key(machine), value, headers);
  }

  static byte[] key(MachineId machine) {
    return bytes(machine.name());
  }

  /** The position that a record's headers say; -1 if they do not. */
  public static long position(Headers headers) {
    var header = headers.lastHeader(POSITION);
    if (header == null || header.value() == null) {
      return -1;
    }
    long position = 0;
    for (byte digit : header.value()) {
      if (digit < '0' || digit > '9') {
        return -1;
      }
      position = position * 10 + digit - '0';
    }
    return position;
  }

  private static String type(Event event) {
    var body = (SpecificRecord) event.getBody();
    if (body instanceof Syscall syscall) {
      return syscall.getCall() instanceof OpaqueCall opaque
          ? opaque.getName()
          : ((SpecificRecord) syscall.getCall()).getSchema().getName();
    }
    return body.getSchema().getName();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

package io.kledger.projection.streams;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.kledger.event.Bytes;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.view.Note;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.ZoneOffset;
import java.util.Locale;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Changes as CloudEvents 1.0 in Kafka's binary mode: attributes are headers {@code ce_...}, the
 * value is JSON. {@code ce_id} is the same however often an event is folded: machine, position,
 * number of the change within the event.
 */
final class ChangeRecords {
  private static final long NANOS = 1_000_000_000L;
  private static final byte[] SPEC = bytes("1.0");
  private static final byte[] JSON = bytes("application/json");
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final String source;

  /**
   * For one ledger.
   *
   * @param prefix of its topics: part of the changes' source
   */
  ChangeRecords(String prefix) {
    source = "/kledger/" + prefix + "/machines/";
  }

  Headers headers(MachineId machine, Event event, int index, Note note) {
    RecordHeaders headers = new RecordHeaders();
    String position = Long.toString(event.getPosition());
    headers.add("ce_specversion", SPEC);
    headers.add("ce_id", bytes(machine.name() + "/" + position + "/" + index));
    headers.add("ce_source", bytes(source + machine.name()));
    headers.add("ce_type", bytes("io.kledger." + note.type()));
    headers.add("ce_subject", bytes(machine.name()));
    if (event.getRealtime() != 0) {
      headers.add("ce_time", bytes(time(event.getRealtime())));
    }
    headers.add("ce_partitionkey", bytes(machine.name()));
    headers.add("ce_position", bytes(position));
    headers.add("content-type", JSON);
    return headers;
  }

  private static String time(long nanos) {
    return TIME.format(
        Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS)));
  }

  static byte[] value(Event event, Note note) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("position", event.getPosition());
      json.writeStringField("type", note.type());
      json.writeObjectFieldStart("keys");
      for (var key : note.keys().entrySet()) {
        json.writeArrayFieldStart(key.getKey());
        for (String value : key.getValue()) {
          json.writeString(utf8(value));
        }
        json.writeEndArray();
      }
      json.writeEndObject();
      json.writeStringField("event", text(EventRenderer.line(event)));
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Texts of the engine are one char a byte. */
  private static String utf8(String latin1) {
    for (int i = 0; i < latin1.length(); i++) {
      if (latin1.charAt(i) > '~') {
        return new String(latin1.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      }
    }
    return latin1;
  }

  private static String text(Bytes bytes) {
    return new String(bytes.toArray(), StandardCharsets.UTF_8);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

package io.kledger.projection.streams;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.view.Note;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The changes of one machine as CloudEvents 1.0 in Kafka's binary mode: attributes are headers
 * {@code ce_...}, the value is JSON. {@code ce_id} is the same however often an event is folded:
 * machine, position, number of the change within the event.
 *
 * <p>Publishing costs as much as folding where most events change something; what is the same for
 * many changes is therefore made once. Used by one thread.
 */
final class ChangeRecords {
  private static final long NANOS = 1_000_000_000L;
  private static final byte[] SPEC = bytes("1.0");
  private static final byte[] JSON = bytes("application/json");

  private final byte[] source;
  private final byte[] subject;
  private final String idPrefix;
  private final Map<String, byte[]> types = new HashMap<>();
  private final JsonBytes json = new JsonBytes();
  private long second = Long.MIN_VALUE;
  private String secondText;
  private long position;
  private byte[] positionText;
  private byte[] time;
  private byte[] line;

  /**
   * For one machine.
   *
   * @param prefix of the ledger's topics: part of the changes' source
   */
  ChangeRecords(String prefix, MachineId machine) {
    source = bytes("/kledger/" + prefix + "/machines/" + machine.name());
    subject = bytes(machine.name());
    idPrefix = machine.name() + "/";
  }

  /** What follows are changes of this event. */
  void begin(Event event) {
    position = event.getPosition();
    positionText = bytes(Long.toString(position));
    time = event.getRealtime() == 0 ? null : time(event.getRealtime());
    line = json.string(EventRenderer.line(event).toArray());
  }

  Headers headers(int index, Note note) {
    RecordHeaders headers = new RecordHeaders();
    headers.add("ce_specversion", SPEC);
    headers.add("ce_id", bytes(idPrefix + position + "/" + index));
    headers.add("ce_source", source);
    headers.add("ce_type", types.computeIfAbsent(note.type(), it -> bytes("io.kledger." + it)));
    headers.add("ce_subject", subject);
    if (time != null) {
      headers.add("ce_time", time);
    }
    headers.add("ce_position", positionText);
    headers.add("content-type", JSON);
    return headers;
  }

  /** RFC 3339; the part up to the second is the same for many. */
  private byte[] time(long nanos) {
    long seconds = Math.floorDiv(nanos, NANOS);
    if (seconds != second) {
      second = seconds;
      String text = Instant.ofEpochSecond(seconds).toString();
      secondText = text.substring(0, text.length() - 1) + ".";
    }
    String fraction = Long.toString(NANOS + Math.floorMod(nanos, NANOS));
    return bytes(secondText + fraction.substring(1) + "Z");
  }

  byte[] value(Note note) {
    json.begin();
    json.ascii("{\"position\":").bytes(positionText).ascii(",\"type\":");
    json.quoted(note.type()).ascii(",\"keys\":{");
    boolean first = true;
    for (Map.Entry<String, List<String>> key : note.keys().entrySet()) {
      json.ascii(first ? "" : ",");
      first = false;
      json.quoted(key.getKey()).ascii(":");
      String before = "[";
      for (String value : key.getValue()) {
        json.ascii(before).quoted(value);
        before = ",";
      }
      json.ascii("]");
    }
    json.ascii("},\"event\":").bytes(line).ascii("}");
    return json.toArray();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

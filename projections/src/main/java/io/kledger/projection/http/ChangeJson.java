package io.kledger.projection.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kledger.event.Bytes;
import io.kledger.filter.EventFields;
import io.kledger.projection.feed.Happening;
import io.kledger.view.Note;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Changes as JSON. Texts of notes have one char a byte; here they are text. */
final class ChangeJson {
  private final ObjectMapper mapper;
  private final String ledger;
  private final String machine;

  ChangeJson(ObjectMapper mapper, String ledger, String machine) {
    this.mapper = mapper;
    this.ledger = ledger;
    this.machine = machine;
  }

  static String text(String latin1) {
    return latin1 == null || latin1.chars().anyMatch(c -> c > 0xff)
        ? latin1
        : SheetJson.text(Bytes.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1)));
  }

  /** {@code name=value}, the first where several are true. */
  static List<Object> keys(Note note) {
    return note.keys().entrySet().stream()
        .map(key -> (Object) text(key.getKey() + "=" + key.getValue().getFirst()))
        .toList();
  }

  /** One event with its changes. */
  ObjectNode event(Happening happening, List<Note> notes) {
    ObjectNode node = mapper.createObjectNode();
    node.put("position", happening.position());
    long realtime = happening.event().getRealtime();
    node.put("time", realtime == 0 ? null : EventFields.time(realtime));
    node.put("tid", happening.event().getTid());
    node.put("pid", happening.pid());
    node.put("command", text(happening.command()));
    node.put("event", SheetJson.text(happening.line()));
    ArrayNode changes = node.putArray("changes");
    notes.forEach(note -> changes.add(change(note)));
    return node;
  }

  private ObjectNode change(Note note) {
    ObjectNode node = mapper.createObjectNode();
    node.put("type", note.type());
    ObjectNode keys = node.putObject("keys");
    note.keys()
        .forEach(
            (name, values) -> {
              ArrayNode array = keys.putArray(name);
              values.forEach(value -> array.add(text(value)));
            });
    return node;
  }

  /** The same as a batch of CloudEvents 1.0: one for each change. */
  ArrayNode cloudEvents(Happening happening, List<Note> notes) {
    ArrayNode batch = mapper.createArrayNode();
    long realtime = happening.event().getRealtime();
    for (int i = 0; i < notes.size(); i++) {
      ObjectNode node = batch.addObject();
      node.put("specversion", "1.0");
      node.put("id", cursor(happening.position()) + ":" + i);
      node.put("source", "/ledgers/" + ledger + "/machines/" + machine);
      node.put("type", "io.kledger." + notes.get(i).type());
      if (realtime != 0) {
        node.put("time", EventFields.time(realtime));
      }
      node.put("datacontenttype", "application/json");
      ObjectNode data = node.putObject("data");
      data.put("position", happening.position());
      data.put("event", SheetJson.text(happening.line()));
      data.setAll(change(notes.get(i)));
    }
    return batch;
  }

  /** A place, for a listener to whom nothing happened. */
  ObjectNode place(long position) {
    return mapper.createObjectNode().put("position", position);
  }

  /** A line of a view. */
  ObjectNode state(String family, String line) {
    return mapper.createObjectNode().put("family", family).put("line", text(line));
  }

  ObjectNode problem(String detail) {
    return mapper.createObjectNode().put("detail", detail);
  }

  String cursor(long position) {
    return ledger + ":" + machine + ":" + position;
  }
}

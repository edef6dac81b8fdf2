package io.kledger.log.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.Marker;
import io.kledger.event.avro.SourceOpened;
import io.kledger.log.LogException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

/** Logs that older releases wrote stay readable. */
class SchemaEvolutionTest {

  private static final String COMMAND =
      "mvn -pl events test -Dtest=SchemaEvolutionTest -Dkledger.release.schema=";

  /**
   * Before release 0.1 the number stays 1; after a release, a change of the schema takes a new one.
   */
  @Test
  void theNewestReleasedSchemaIsTheCurrentOne() throws IOException {
    var version = System.getProperty("kledger.release.schema");
    if (version != null) {
      var file =
          Path.of(
              "src/main/resources",
              ReleasedSchemas.DIRECTORY,
              ReleasedSchemas.fileName(Integer.parseInt(version)));
      Files.createDirectories(file.getParent());
      Files.writeString(file, EventCodec.json(EventCodec.SCHEMA));
      return;
    }
    var released = ReleasedSchemas.all();
    assertThat(released).as("released schemas; write one: %s1", COMMAND).isNotEmpty();
    assertThat(EventCodec.hex(EventCodec.fingerprint(released.getLast())))
        .as(
            """
            the Event schema is not the newest released one (event-v%d.avsc).
            Not released yet: write it again with  %s%d
            Released: keep that file, and add the new one with  %s%d
            """,
            released.size(), COMMAND, released.size(), COMMAND, released.size() + 1)
        .isEqualTo(EventCodec.hex(EventCodec.FINGERPRINT));
  }

  @Test
  void everyReleasedSchemaCanBeRead() {
    var released = ReleasedSchemas.all();
    for (int i = 0; i < released.size(); i++) {
      var result =
          SchemaCompatibility.checkReaderWriterCompatibility(EventCodec.SCHEMA, released.get(i));
      assertThat(result.getType())
          .as(
              "event-v%d.avsc cannot be read any more: %s. New fields need a default; types,"
                  + " union branches and symbols are never removed or renamed",
              i + 1, result.getResult().getIncompatibilities())
          .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }
    assertThat(ReleasedSchemas.find(EventCodec.fingerprint(released.getFirst()))).isNotNull();
    assertThat(ReleasedSchemas.find(1)).isNull();
  }

  @Test
  void aRecordWithoutNewFieldsAndBranchesIsRead() throws IOException {
    var json = json();
    remove(fields(json, "SourceOpened"), "detail");
    remove(fields(json, "Gap"), "column");
    removeBranch(json, "Marker");
    var old = new Schema.Parser().parse(json.toString());
    var gap = new GenericData.Record(branch(old, "Gap"));
    gap.put("reason", "lost");
    gap.put("missing", 3L);
    gap.put("line", 9L);
    assertThat(decode(old, gap).getBody()).isEqualTo(new Gap("lost", 3L, null, 9L, 0));
    var opened = new GenericData.Record(branch(old, "SourceOpened"));
    opened.put("number", 1);
    opened.put("name", "a");
    opened.put("format", "strace");
    assertThat(decode(old, opened).getBody()).isEqualTo(new SourceOpened(1, "a", "strace", ""));
  }

  @Test
  void aNewerFieldIsSkippedAndANewerTypeIsNamed() throws IOException {
    var json = json();
    fields(json, "Marker")
        .addObject()
        .put("name", "colour")
        .put("type", "string")
        .put("default", "");
    bodies(json).addObject().put("type", "record").put("name", "Eclipse").putArray("fields");
    var newer = new Schema.Parser().parse(json.toString());
    var marker = new GenericData.Record(branch(newer, "Marker"));
    marker.put("name", "noon");
    marker.put("colour", "red");
    assertThat(decode(newer, marker).getBody()).isEqualTo(new Marker("noon"));
    assertThatThrownBy(() -> decode(newer, new GenericData.Record(branch(newer, "Eclipse"))))
        .isInstanceOf(LogException.Schema.class)
        .hasMessageContaining(EventCodec.hex(EventCodec.fingerprint(newer)))
        .hasMessageContaining("Eclipse")
        .hasMessageContaining("version that wrote it");
  }

  private static Event decode(Schema writer, GenericData.Record body) throws IOException {
    var event = new GenericData.Record(writer);
    event.put("position", 0L);
    event.put("realtime", 1L);
    event.put("monotonic", 2L);
    event.put("tid", 3);
    event.put("source", 4);
    event.put("line", 5L);
    event.put("body", body);
    var out = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericData.Record>(writer).write(event, encoder);
    encoder.flush();
    var decoded = EventCodec.decoder(writer).decode(out.toByteArray(), 0, out.size());
    assertThat(decoded.getLine()).isEqualTo(5);
    return decoded;
  }

  private static Schema branch(Schema event, String name) {
    return event.getField("body").schema().getTypes().stream()
        .filter(type -> type.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static ObjectNode json() throws IOException {
    return (ObjectNode) new ObjectMapper().readTree(EventCodec.SCHEMA.toString());
  }

  private static ArrayNode bodies(JsonNode event) {
    for (var field : event.get("fields")) {
      if (field.get("name").asText().equals("body")) {
        return (ArrayNode) field.get("type");
      }
    }
    throw new AssertionError("no body");
  }

  private static ArrayNode fields(JsonNode event, String record) {
    for (var body : bodies(event)) {
      if (body.path("name").asText().equals(record)) {
        return (ArrayNode) body.get("fields");
      }
    }
    throw new AssertionError(record + " is not defined in the union");
  }

  private static void removeBranch(JsonNode event, String name) {
    remove(bodies(event), name);
  }

  private static void remove(ArrayNode named, String name) {
    for (Iterator<JsonNode> all = named.iterator(); all.hasNext(); ) {
      if (all.next().path("name").asText().equals(name)) {
        all.remove();
        return;
      }
    }
    throw new AssertionError("no " + name);
  }
}

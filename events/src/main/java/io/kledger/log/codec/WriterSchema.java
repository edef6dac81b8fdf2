package io.kledger.log.codec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * Prepares another version's schema for Avro's resolution. Where a union has a branch whose name
 * the reader's union does not have, Avro takes any branch of the same shape instead: a call of a
 * later version would silently become another call with the same arguments. Such branches are
 * replaced by something that has no counterpart, so that meeting one is an error.
 */
final class WriterSchema {

  private final Map<String, Schema> done = new HashMap<>();

  private WriterSchema() {}

  /** The writer's schema, safe to resolve to the reader's. Same bytes, same events. */
  static Schema guarded(Schema writer, Schema reader) {
    return new WriterSchema().pair(writer, reader);
  }

  private Schema pair(Schema writer, Schema reader) {
    if (writer.getType() == Schema.Type.UNION) {
      return union(writer, reader);
    }
    if (writer.getType() != reader.getType()) {
      return writer;
    }
    return switch (writer.getType()) {
      case RECORD -> record(writer, reader);
      case ARRAY -> Schema.createArray(pair(writer.getElementType(), reader.getElementType()));
      case MAP -> Schema.createMap(pair(writer.getValueType(), reader.getValueType()));
      case UNION, ENUM, FIXED, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> writer;
    };
  }

  private Schema record(Schema writer, Schema reader) {
    var known = done.get(writer.getFullName());
    if (known != null) {
      return known;
    }
    var copy = Schema.createRecord(writer.getName(), null, writer.getNamespace(), false);
    done.put(writer.getFullName(), copy);
    var fields = new ArrayList<Schema.Field>();
    for (var field : writer.getFields()) {
      var counterpart = reader.getField(field.name());
      fields.add(
          new Schema.Field(
              field.name(),
              counterpart == null ? field.schema() : pair(field.schema(), counterpart.schema())));
    }
    copy.setFields(fields);
    return copy;
  }

  private Schema union(Schema writer, Schema reader) {
    var others = reader.getType() == Schema.Type.UNION ? reader.getTypes() : List.of(reader);
    var branches = new ArrayList<Schema>();
    for (var branch : writer.getTypes()) {
      var counterpart =
          others.stream()
              .filter(other -> other.getFullName().equals(branch.getFullName()))
              .findFirst();
      if (counterpart.isPresent()) {
        branches.add(pair(branch, counterpart.get()));
      } else if (branch.getType() == Schema.Type.RECORD || branch.getType() == Schema.Type.ENUM) {
        branches.add(Schema.createFixed(branch.getName(), null, branch.getNamespace(), 1));
      } else {
        branches.add(branch);
      }
    }
    return Schema.createUnion(branches);
  }
}

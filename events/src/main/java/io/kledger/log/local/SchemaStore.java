package io.kledger.log.local;

import io.kledger.log.LogException;
import io.kledger.log.codec.EventCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;

/** The schemas that a ledger's events are written with, a file each. */
final class SchemaStore {

  private final Path directory;
  private final Map<Long, Schema> known = new ConcurrentHashMap<>();

  SchemaStore(Path directory) {
    this.directory = directory;
    known.put(EventCodec.FINGERPRINT, EventCodec.SCHEMA);
  }

  /** Keeps this program's schema, if it is not there yet. */
  void addCurrent() throws IOException {
    var path = path(EventCodec.FINGERPRINT);
    if (!Files.exists(path)) {
      Files.createDirectories(directory);
      Disk.writeWhole(path, EventCodec.json(EventCodec.SCHEMA).getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * The schema of a fingerprint.
   *
   * @throws LogException.Schema if it is not here, or its file holds another one
   */
  Schema get(long fingerprint) {
    return known.computeIfAbsent(fingerprint, this::load);
  }

  private Schema load(long fingerprint) {
    var path = path(fingerprint);
    try {
      var schema = new Schema.Parser().parse(Files.readString(path));
      if (EventCodec.fingerprint(schema) != fingerprint) {
        throw new LogException.Schema(
            path
                + " holds schema "
                + EventCodec.hex(EventCodec.fingerprint(schema))
                + "; restore it from a copy",
            null);
      }
      return schema;
    } catch (NoSuchFileException e) {
      throw new LogException.Schema(
          "schema "
              + EventCodec.hex(fingerprint)
              + " of these events is missing: "
              + path
              + "; restore it from a copy",
          e);
    } catch (SchemaParseException e) {
      throw new LogException.Schema(
          path + " is not an Avro schema: " + e.getMessage() + "; restore it from a copy", e);
    } catch (IOException e) {
      throw Disk.failed("read", path, e);
    }
  }

  private Path path(long fingerprint) {
    return directory.resolve(EventCodec.hex(fingerprint) + ".avsc");
  }
}

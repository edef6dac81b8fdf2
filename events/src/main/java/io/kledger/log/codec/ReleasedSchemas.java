package io.kledger.log.codec;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * The Event schema of each release, {@code schemas/released/event-vN.avsc}. Logs written with any
 * of them stay readable.
 */
public final class ReleasedSchemas {

  static final String DIRECTORY = "schemas/released/";

  private ReleasedSchemas() {}

  /** All of them, the oldest first. */
  public static List<Schema> all() {
    var schemas = new ArrayList<Schema>();
    for (var text = read(1); text != null; text = read(schemas.size() + 1)) {
      schemas.add(new Schema.Parser().parse(text));
    }
    return schemas;
  }

  /** The schema with a fingerprint; null if it is none of ours. */
  public static Schema find(long fingerprint) {
    return all().stream()
        .filter(schema -> EventCodec.fingerprint(schema) == fingerprint)
        .findFirst()
        .orElse(null);
  }

  private static String read(int version) {
    try (InputStream in =
        ReleasedSchemas.class.getClassLoader().getResourceAsStream(DIRECTORY + fileName(version))) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String fileName(int version) {
    return "event-v" + version + ".avsc";
  }
}

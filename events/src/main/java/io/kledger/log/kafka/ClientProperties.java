package io.kledger.log.kafka;

import io.kledger.log.LogException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** Files of client properties. A class of its own: it is read where Kafka's are not loaded. */
public final class ClientProperties {

  private ClientProperties() {}

  /**
   * Reads a file of client properties, as Kafka's own tools take them.
   *
   * @throws LogException.Failed if it cannot be read
   */
  public static Map<String, String> load(Path file) {
    var read = new Properties();
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      read.load(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new LogException.Failed("cannot read Kafka's client properties from " + file, e);
    }
    var map = new HashMap<String, String>();
    read.stringPropertyNames().forEach(name -> map.put(name, read.getProperty(name)));
    return map;
  }
}

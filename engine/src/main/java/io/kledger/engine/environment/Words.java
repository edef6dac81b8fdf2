package io.kledger.engine.environment;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Environment;
import io.kledger.event.avro.Setting;

/** Reads the words and settings of a directive. */
final class Words {
  private final Environment body;

  Words(Environment body) {
    this.body = body;
  }

  boolean has(int index) {
    return index < body.getWords().size();
  }

  Bytes bytes(int index) {
    return has(index) ? Bytes.of(body.getWords().get(index)) : Bytes.EMPTY;
  }

  String word(int index) {
    return bytes(index).toString();
  }

  /** The value of a setting, or null. */
  Bytes value(String key) {
    for (Setting setting : body.getSettings()) {
      if (setting.getKey().equals(key)) {
        return Bytes.of(setting.getValue());
      }
    }
    return null;
  }

  String text(String key, String otherwise) {
    Bytes value = value(key);
    return value == null ? otherwise : value.toString();
  }

  int number(String key, int otherwise) {
    Bytes value = value(key);
    return value == null ? otherwise : (int) Long.parseLong(value.toString());
  }

  int octal(String key, int otherwise) {
    Bytes value = value(key);
    return value == null ? otherwise : Integer.parseInt(value.toString(), 8);
  }
}

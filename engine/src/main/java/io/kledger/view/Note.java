package io.kledger.view;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One notification: a type such as {@code mount.attach}, and what it is about.
 *
 * @param keys values by name, the most natural first; several where several are true (the tasks
 *     that see a mount)
 * @param mount unique id of the mount that it is about, as statmount(2) has it; 0 if of none
 */
public record Note(String type, Map<String, List<String>> keys, long mount) {
  public Note(String type, Map<String, List<String>> keys) {
    this(type, keys, 0);
  }

  /** Gathers keys in order. */
  static final class Builder {
    private final String type;
    private final Map<String, List<String>> keys = new LinkedHashMap<>();
    private long mount;

    Builder(String type) {
      this.type = type;
    }

    Builder key(String name, Object value) {
      if (value != null) {
        keys.put(name, List.of(value.toString()));
      }
      return this;
    }

    Builder key(String name, List<String> values) {
      if (!values.isEmpty()) {
        keys.put(name, List.copyOf(values));
      }
      return this;
    }

    Builder mount(long uniqueId) {
      mount = uniqueId;
      return this;
    }

    Note build() {
      return new Note(type, keys, mount);
    }
  }

  /** The part of the type before the dot. */
  public String family() {
    return type.substring(0, Math.max(0, type.indexOf('.')));
  }

  /** {@code mount.attach path=/mnt id=36}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(type);
    keys.forEach(
        (name, values) -> {
          String value = values.getFirst();
          boolean quoted = value.indexOf(' ') >= 0;
          text.append(' ').append(name).append('=');
          text.append(quoted ? "\"" + value + "\"" : value);
        });
    return text.toString();
  }
}

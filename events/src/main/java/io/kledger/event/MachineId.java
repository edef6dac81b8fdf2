package io.kledger.event;

import java.util.Objects;

/**
 * The name of a traced machine: the key of its log. Chosen by the operator ({@code web-1}, {@code
 * web-1.example.org}) or taken from the machine itself (host name, machine id).
 *
 * <p>A name is 1 to {@value #MAX_LENGTH} characters out of {@code A-Z a-z 0-9 . _ -}, and begins
 * with a letter, a digit or an underscore. It is therefore safe as a file name, as a Kafka key and
 * in a URL without any escaping, and its length in bytes is its length in characters.
 *
 * @param name the name as written
 */
public record MachineId(String name) implements Comparable<MachineId> {

  /** The longest name, in bytes. */
  public static final int MAX_LENGTH = 128;

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if it is empty, too long or has a character that is not
   *     allowed
   */
  public MachineId {
    Objects.requireNonNull(name, "name");
    if (name.isEmpty() || name.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "machine name of " + name.length() + " characters: 1 to " + MAX_LENGTH + " are allowed");
    }
    for (int i = 0; i < name.length(); i++) {
      if (!allowed(name.charAt(i), i == 0)) {
        throw new IllegalArgumentException(
            "machine name \""
                + printable(name)
                + "\": character "
                + (i + 1)
                + " is not allowed; use letters, digits, '.', '_', '-', and a letter, digit or"
                + " '_' first");
      }
    }
  }

  /** The same as the constructor, for method references. */
  public static MachineId of(String name) {
    return new MachineId(name);
  }

  /** Whether {@code name} would be accepted. */
  public static boolean isValid(String name) {
    if (name == null || name.isEmpty() || name.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (!allowed(name.charAt(i), i == 0)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The nearest valid name: characters that are not allowed become {@code _}, what is too long is
   * cut. For names that come from outside (a host name, a file name).
   */
  public static MachineId sanitized(String text) {
    var name = new StringBuilder();
    for (int i = 0; i < text.length() && name.length() < MAX_LENGTH; i++) {
      char c = text.charAt(i);
      name.append(allowed(c, name.isEmpty()) ? c : '_');
    }
    return new MachineId(name.isEmpty() ? "_" : name.toString());
  }

  private static boolean allowed(char c, boolean first) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '_'
        || !first && (c == '.' || c == '-');
  }

  private static String printable(String name) {
    return name.replaceAll("[^\\x20-\\x7e]", "?");
  }

  @Override
  public int compareTo(MachineId other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}

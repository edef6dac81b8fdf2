package io.kledger.engine.inet;

/** IPv4 addresses as numbers in host byte order. */
public final class Ipv4 {
  private Ipv4() {}

  /** The number of {@code A.B.C.D}; throws IllegalArgumentException if it is no address. */
  public static int parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException("no IPv4 address: " + text);
    }
    int address = 0;
    for (String part : parts) {
      int value;
      try {
        value = Integer.parseInt(part);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("no IPv4 address: " + text, e);
      }
      if (value < 0 || value > 255) {
        throw new IllegalArgumentException("no IPv4 address: " + text);
      }
      address = address << 8 | value;
    }
    return address;
  }

  /** The address of {@code A.B.C.D/P}. */
  public static int address(String network) {
    int slash = network.indexOf('/');
    return parse(slash < 0 ? network : network.substring(0, slash));
  }

  /** The length of the prefix of {@code A.B.C.D/P}; 32 if there is none. */
  public static int prefix(String network) {
    int slash = network.indexOf('/');
    int prefix = slash < 0 ? 32 : Integer.parseInt(network.substring(slash + 1));
    if (prefix < 0 || prefix > 32) {
      throw new IllegalArgumentException("no length of a prefix: " + network);
    }
    return prefix;
  }

  /** Whether an address is in a network. */
  public static boolean within(int address, int network, int prefix) {
    return prefix == 0 || (address ^ network) >>> 32 - prefix == 0;
  }

  /** {@code A.B.C.D}. */
  public static String text(int address) {
    return (address >>> 24)
        + "."
        + (address >>> 16 & 255)
        + "."
        + (address >>> 8 & 255)
        + "."
        + (address & 255);
  }
}

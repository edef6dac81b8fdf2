package io.kledger.log;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** Where a ledger is. */
public sealed interface LedgerUri {

  /**
   * A ledger in a directory.
   *
   * @param path the directory
   */
  record Directory(Path path) implements LedgerUri {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /**
   * A ledger in Kafka.
   *
   * @param bootstrap {@code host:port}, or several with commas between
   * @param prefix what the topics' names begin with; {@code kledger} if not said
   */
  record Kafka(String bootstrap, String prefix) implements LedgerUri {
    @Override
    public String toString() {
      return "kafka://" + bootstrap + "/" + prefix;
    }
  }

  /**
   * Understands {@code kafka://host:port[,host:port...][/prefix]}, {@code file:///directory}, and
   * else the path of a directory.
   *
   * @throws LogException.BadUri if it is none of these
   */
  static LedgerUri parse(String text) {
    if (text.isEmpty()) {
      throw new LogException.BadUri(
          "empty ledger address; give a directory or kafka://host:port/prefix");
    }
    int scheme = text.indexOf("://");
    if (text.startsWith("kafka:")) {
      return kafka(text);
    }
    try {
      if (text.startsWith("file:")) {
        return new Directory(Path.of(new URI(text)));
      }
      if (scheme > 0 && text.substring(0, scheme).chars().allMatch(Character::isLetterOrDigit)) {
        throw new LogException.BadUri(
            "ledger address \""
                + text
                + "\": unknown scheme "
                + text.substring(0, scheme)
                + "; give a directory or kafka://host:port/prefix");
      }
      return new Directory(Path.of(text));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new LogException.BadUri("ledger address \"" + text + "\": " + e.getMessage());
    }
  }

  private static Kafka kafka(String text) {
    var rest = text.startsWith("kafka://") ? text.substring("kafka://".length()) : "";
    int slash = rest.indexOf('/');
    var servers = slash < 0 ? rest : rest.substring(0, slash);
    var prefix = slash < 0 || slash == rest.length() - 1 ? "kledger" : rest.substring(slash + 1);
    for (var server : servers.split(",", -1)) {
      if (!server.matches("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+):[0-9]{1,5}")) {
        throw new LogException.BadUri(
            "ledger address \""
                + text
                + "\": \""
                + server
                + "\" is not host:port; give kafka://host:port[,host:port...]/prefix");
      }
    }
    if (!prefix.matches("[A-Za-z0-9._-]{1,200}")) {
      throw new LogException.BadUri(
          "ledger address \""
              + text
              + "\": prefix \""
              + prefix
              + "\" may have letters, digits, '.', '_' and '-' only");
    }
    return new Kafka(servers, prefix);
  }
}

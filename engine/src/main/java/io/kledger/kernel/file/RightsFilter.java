package io.kledger.kernel.file;

import io.kledger.store.Row;
import java.util.List;

/**
 * Which descriptors a socket lets in: SO_RIGHTS_FILTER.
 *
 * @param key of the socket
 * @param allow true if every descriptor must match a rule, false if none may
 * @param drop true if offending descriptors are taken out, false if the whole message is refused
 * @param rules each {@code name=value} conditions separated by blanks, all of which must hold
 */
public record RightsFilter(long key, boolean allow, boolean drop, List<String> rules)
    implements Row {
  public RightsFilter {
    rules = List.copyOf(rules);
  }

  /** The same filter of another socket. */
  public RightsFilter of(long socket) {
    return new RightsFilter(socket, allow, drop, rules);
  }
}

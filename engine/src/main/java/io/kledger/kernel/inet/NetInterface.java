package io.kledger.kernel.inet;

import io.kledger.store.Row;
import java.util.List;

/**
 * A network device (struct net_device) with its IPv4 addresses.
 *
 * @param netNs key of the network namespace that it is in
 * @param index ifindex
 * @param addresses {@code A.B.C.D/PREFIX}, the primary one first
 */
public record NetInterface(long key, long netNs, String name, int index, List<String> addresses)
    implements Row {
  public NetInterface {
    addresses = List.copyOf(addresses);
  }
}

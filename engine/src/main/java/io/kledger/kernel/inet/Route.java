package io.kledger.kernel.inet;

import io.kledger.store.Row;

/**
 * A route of the main table (struct fib_info).
 *
 * @param netNs key of the network namespace
 * @param address of the destination, in host byte order
 * @param prefix its length in bits; 0 of the default route
 * @param device ifindex
 * @param via gateway, in host byte order; 0 if the destination is on the link
 * @param metric the lowest wins
 */
public record Route(long key, long netNs, int address, int prefix, int device, int via, int metric)
    implements Row {}

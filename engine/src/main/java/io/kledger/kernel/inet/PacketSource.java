package io.kledger.kernel.inet;

import io.kledger.store.Row;

/**
 * Where a queued IPv4 datagram came from (its IP and UDP headers).
 *
 * @param key of the SocketMessage
 * @param address in host byte order
 */
public record PacketSource(long key, int address, int port) implements Row {}

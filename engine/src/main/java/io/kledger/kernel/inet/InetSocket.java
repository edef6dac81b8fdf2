package io.kledger.kernel.inet;

import io.kledger.store.Row;

/**
 * What an IPv4 socket has beside struct sock (struct inet_sock).
 *
 * @param key of the socket
 * @param unicast ifindex of IP_UNICAST_IF (uc_index), 0 if none
 * @param device ifindex of SO_BINDTODEVICE (sk_bound_dev_if), 0 if none
 * @param source address (inet_saddr) in host byte order, 0 if none yet
 * @param port local port, 0 if none yet
 * @param peer address that it is connected to (inet_daddr) in host byte order
 * @param peerPort port that it is connected to, 0 if it is not connected
 */
public record InetSocket(
    long key, int unicast, int device, int source, int port, int peer, int peerPort)
    implements Row {
  public static final int AF_INET = 2;

  public InetSocket withUnicast(int index) {
    return new InetSocket(key, index, device, source, port, peer, peerPort);
  }

  public InetSocket withDevice(int index) {
    return new InetSocket(key, unicast, index, source, port, peer, peerPort);
  }

  public InetSocket withSource(int address, int newPort) {
    return new InetSocket(key, unicast, device, address, newPort, peer, peerPort);
  }

  public InetSocket withPeer(int address, int newPort) {
    return new InetSocket(key, unicast, device, source, port, address, newPort);
  }
}

package io.kledger.engine.inet;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.inet.InetSocket;
import io.kledger.kernel.inet.NetInterface;
import io.kledger.kernel.inet.Route;

/** ip_route_output_key(): the way to a destination and the address to send from. */
public final class Routes {
  private static final int LOOPBACK = 127 << 24;

  private Routes() {}

  /** What a socket has, or what a new one has. */
  public static InetSocket socket(KernelState state, long key) {
    InetSocket row = state.inetSockets.get(key);
    return row == null ? new InetSocket(key, 0, 0, 0, 0, 0, 0) : row;
  }

  /** The device of a name, or null. */
  public static NetInterface named(KernelState state, long netNs, String name) {
    for (long key : state.netInterfacesByNs.keys(netNs)) {
      NetInterface device = state.netInterfaces.require(key);
      if (device.name().equals(name)) {
        return device;
      }
    }
    return null;
  }

  /** ifindex of the loopback device, which every network namespace has. */
  public static final int LOOPBACK_DEVICE = 1;

  /** Whether there is a device with an index. */
  public static boolean exists(KernelState state, long netNs, int index) {
    return index == LOOPBACK_DEVICE || device(state, netNs, index) != null;
  }

  /** Whether an address is one of the namespace's own, or stands for all of them. */
  public static boolean own(KernelState state, long netNs, int address) {
    return address == 0 || Ipv4.within(address, LOOPBACK, 8) || local(state, netNs, address);
  }

  /** The device of an index, or null. */
  public static NetInterface device(KernelState state, long netNs, int index) {
    for (long key : state.netInterfacesByNs.keys(netNs)) {
      NetInterface device = state.netInterfaces.require(key);
      if (device.index() == index) {
        return device;
      }
    }
    return null;
  }

  /**
   * Where a packet goes.
   *
   * @param device ifindex; 0 of the loopback device
   * @param source address to send from, in host byte order
   */
  public record Way(int device, int source) {}

  /**
   * The way to a destination; null if there is none.
   *
   * @param device ifindex that is asked for, 0 if any; it needs no route, as everything is taken to
   *     be on its link
   */
  public static Way find(KernelState state, long netNs, int destination, int device) {
    if (device != 0) {
      NetInterface chosen = device(state, netNs, device);
      if (chosen == null && device == LOOPBACK_DEVICE) {
        return new Way(device, LOOPBACK + 1);
      }
      return chosen == null ? null : new Way(device, source(chosen, destination));
    }
    if (Ipv4.within(destination, LOOPBACK, 8) || local(state, netNs, destination)) {
      return new Way(0, destination);
    }
    Route best = null;
    for (long key : state.routesByNs.keys(netNs)) {
      Route route = state.routes.require(key);
      boolean fits = Ipv4.within(destination, route.address(), route.prefix());
      if (fits && (best == null || better(route, best))) {
        best = route;
      }
    }
    NetInterface linked = linked(state, netNs, destination, best == null ? -1 : best.prefix());
    if (linked != null) {
      return new Way(linked.index(), source(linked, destination));
    }
    NetInterface out = best == null ? null : device(state, netNs, best.device());
    int next = best == null || best.via() == 0 ? destination : best.via();
    return out == null ? null : new Way(out.index(), source(out, next));
  }

  private static boolean better(Route one, Route other) {
    return one.prefix() != other.prefix()
        ? one.prefix() > other.prefix()
        : one.metric() < other.metric();
  }

  /** A device whose own network is a longer match than a route. */
  private static NetInterface linked(KernelState state, long netNs, int destination, int longer) {
    NetInterface best = null;
    int length = longer;
    for (long key : state.netInterfacesByNs.keys(netNs)) {
      NetInterface device = state.netInterfaces.require(key);
      for (String address : device.addresses()) {
        int prefix = Ipv4.prefix(address);
        if (prefix > length && Ipv4.within(destination, Ipv4.address(address), prefix)) {
          best = device;
          length = prefix;
        }
      }
    }
    return best;
  }

  private static boolean local(KernelState state, long netNs, int destination) {
    for (long key : state.netInterfacesByNs.keys(netNs)) {
      for (String address : state.netInterfaces.require(key).addresses()) {
        if (Ipv4.address(address) == destination) {
          return true;
        }
      }
    }
    return false;
  }

  /** inet_select_addr(): one in the network of the next hop, else the first; 0 if it has none. */
  private static int source(NetInterface device, int next) {
    for (String address : device.addresses()) {
      if (Ipv4.within(next, Ipv4.address(address), Ipv4.prefix(address))) {
        return Ipv4.address(address);
      }
    }
    return device.addresses().isEmpty() ? 0 : Ipv4.address(device.addresses().getFirst());
  }
}

package io.kledger.engine.environment;

import io.kledger.engine.CallContext;
import io.kledger.engine.inet.Datagrams;
import io.kledger.engine.inet.Ipv4;
import io.kledger.engine.inet.Routes;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Environment;
import io.kledger.event.avro.Setting;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.inet.NetInterface;
import io.kledger.kernel.inet.Route;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;

/** {@code @netif} and {@code @route}: the network of the first task. */
final class NetDirectives {
  private NetDirectives() {}

  /** {@code @netif NAME index=N addr=A/P ...}. */
  static void netif(CallContext context, Environment body) {
    Words words = new Words(body);
    List<String> addresses = new ArrayList<>();
    for (Setting setting : body.getSettings()) {
      if (setting.getKey().equals("addr")) {
        String address = Bytes.of(setting.getValue()).toString();
        Ipv4.address(address);
        Ipv4.prefix(address);
        addresses.add(address);
      }
    }
    context.put(
        Tables.NET_INTERFACES,
        new NetInterface(
            context.newKey(), netNs(context), words.word(0), words.number("index", 0), addresses));
  }

  /** {@code @route DST dev NAME [via A] [metric N]}; also with {@code name=value}. */
  static void route(CallContext context, Environment body) {
    Words words = new Words(body);
    String destination = words.word(0);
    String via = after(words, "via");
    String metric = after(words, "metric");
    String name = after(words, "dev");
    boolean all = destination.equals("default");
    NetInterface device = Routes.named(context.state(), netNs(context), name == null ? "" : name);
    if (device == null) {
      throw new DirectiveException("@route: there is no device " + name);
    }
    context.put(
        Tables.ROUTES,
        new Route(
            context.newKey(),
            netNs(context),
            all ? 0 : Ipv4.address(destination),
            all ? 0 : Ipv4.prefix(destination),
            device.index(),
            via == null ? 0 : Ipv4.parse(via),
            metric == null ? 0 : Integer.parseInt(metric)));
  }

  /** {@code @packet tid=T fd=N from=ADDR:PORT data="..."}: a datagram arrives on a socket. */
  static void packet(CallContext context, Environment body) {
    Words words = new Words(body);
    KernelState state = context.state();
    int tid = words.number("tid", 1);
    int number = words.number("fd", -1);
    Task task = state.task(tid);
    FdSlot slot = task == null ? null : state.fd(task.files(), number);
    OpenFileDescription file = slot == null ? null : state.descriptions.get(slot.description());
    Socket socket =
        file == null || file.kind() != FileKind.SOCKET ? null : state.sockets.get(file.object());
    if (socket == null) {
      throw new IllegalArgumentException(
          "@packet: descriptor " + number + " of task " + tid + " is no socket");
    }
    String from = words.text("from", "0.0.0.0:0");
    int colon = from.lastIndexOf(':');
    Bytes data = words.value("data");
    Bytes sent = data == null ? Bytes.EMPTY : data;
    Datagrams.queue(
        context,
        socket,
        Ipv4.parse(colon < 0 ? from : from.substring(0, colon)),
        colon < 0 ? 0 : Integer.parseInt(from.substring(colon + 1)),
        sent.length(),
        sent);
  }

  private static String after(Words words, String name) {
    for (int i = 1; words.has(i + 1); i++) {
      if (words.word(i).equals(name)) {
        return words.word(i + 1);
      }
    }
    return words.text(name, null);
  }

  private static long netNs(CallContext context) {
    Task init = context.state().task(1);
    if (init != null) {
      return init.namespaces().net();
    }
    Namespace first =
        io.kledger.engine.ns.NamespaceRows.initial(context.state(), NamespaceKind.NET);
    return first == null ? 0 : first.key();
  }
}

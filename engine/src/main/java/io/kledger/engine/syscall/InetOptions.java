package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.inet.Routes;
import io.kledger.event.avro.GetsockoptCall;
import io.kledger.event.avro.SetsockoptCall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.inet.InetSocket;

/** Options of level SOL_IP: do_ip_setsockopt(). */
final class InetOptions {
  private static final int SOL_IP = 0;
  private static final int IP_UNICAST_IF = 50;

  private InetOptions() {}

  /** do_ip_getsockopt(): null if the option is none of these. */
  static Result get(CallContext context, GetsockoptCall call, Socket socket) {
    boolean mine =
        call.getLevel() == SOL_IP
            && socket.family() == InetSocket.AF_INET
            && context.simulated()
            && Arguments.is(call.getOption(), "IP_UNICAST_IF", IP_UNICAST_IF);
    if (!mine) {
      return null;
    }
    int index = Routes.socket(context.state(), socket.key()).unicast();
    return SocketOptions.answer(call, "[" + Integer.reverseBytes(index) + "]", 4);
  }

  static Result set(CallContext context, SetsockoptCall call, Socket socket) {
    boolean mine =
        call.getLevel() == SOL_IP
            && socket.family() == InetSocket.AF_INET
            && Arguments.is(call.getOption(), "IP_UNICAST_IF", IP_UNICAST_IF);
    if (!mine) {
      return new Result.Unknown("the option");
    }
    if (call.getLength() != 4 && context.refuse("F52 length")) {
      return context.fail(Errno.EINVAL, "F52 length");
    }
    if (Arguments.isNull(call.getValue()) && context.refuse("F52 address")) {
      return context.fail(Errno.EFAULT, "F52 address");
    }
    if (!context.simulated()) {
      return new Result.Unknown("the network devices");
    }
    KernelState state = context.state();
    InetSocket inet = Routes.socket(state, socket.key());
    // The index is in network byte order, whatever the machine's is.
    int index = Integer.reverseBytes((int) Arguments.number(Arguments.text(call.getValue()), 0));
    if (index != 0 && !Routes.exists(state, socket.netNs(), index)) {
      return context.fail(Errno.EADDRNOTAVAIL, "F52 no such interface");
    }
    if (index != 0 && inet.device() != 0) {
      return context.fail(Errno.EINVAL, "F52 bound to a device");
    }
    context.put(Tables.INET_SOCKETS, inet.withUnicast(index));
    return Result.ZERO;
  }
}

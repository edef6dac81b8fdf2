package io.kledger.engine.syscall;

import io.kledger.engine.Result;
import io.kledger.event.Bytes;
import io.kledger.event.avro.GetsocknameCall;
import io.kledger.event.avro.SocketAddress;
import io.kledger.event.avro.Text;
import io.kledger.kernel.file.Socket;

/** Names of AF_UNIX sockets in answers: unix_getname(). */
final class UnixNames {
  private static final int FAMILY = 2;

  private UnixNames() {}

  static Result answer(GetsocknameCall call, Socket socket) {
    return Result.value(
        0,
        GetsocknameCall.newBuilder(call)
            .setAddress(address(socket))
            .setLength(InetCalls.raw("[" + length(socket) + "]"))
            .build());
  }

  static boolean named(Socket socket) {
    return socket.abstractName() || !socket.name().isEmpty();
  }

  static SocketAddress address(Socket socket) {
    SocketAddress.Builder builder = SocketAddress.newBuilder().setFamily(Socket.AF_UNIX);
    if (named(socket)) {
      builder
          .setPath(new Text(socket.name().toBuffer(), false, null))
          .setAbstractName(socket.abstractName());
    }
    return builder.build();
  }

  /** Bytes of an address of either family. */
  static int length(SocketAddress address) {
    if (address.getFamily() != Socket.AF_UNIX) {
      return 16;
    }
    return address.getPath() == null
        ? FAMILY
        : FAMILY + Bytes.of(address.getPath().getValue()).length() + 1;
  }

  /**
   * Bytes of struct sockaddr_un that a name takes: an abstract one has a byte before, a path after.
   */
  static int length(Socket socket) {
    return named(socket) ? FAMILY + socket.name().length() + 1 : FAMILY;
  }
}

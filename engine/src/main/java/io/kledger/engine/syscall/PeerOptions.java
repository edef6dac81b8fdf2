package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.Files;
import io.kledger.engine.file.Limits;
import io.kledger.engine.file.OpenFlags;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.avro.GetsockoptCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** getsockopt(2) of what is known of the other end: sk_getsockopt(). */
final class PeerOptions {
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  private static final int SO_PEERPIDFD = 77;
  private static final int SO_PEERCGROUPID = 0x1001;

  private PeerOptions() {}

  static Result get(CallContext context, GetsockoptCall call, Socket socket) {
    if (call.getLevel() != SOL_SOCKET) {
      return new Result.Unknown("the option");
    }
    boolean unix = socket.family() == Socket.AF_UNIX;
    if (unix && Arguments.is(call.getOption(), "SO_PEERCRED", SO_PEERCRED)) {
      return credentials(context, call, socket);
    }
    if (Arguments.is(call.getOption(), "SO_PEERPIDFD", SO_PEERPIDFD)) {
      return pidfd(context, call, socket);
    }
    return Arguments.is(call.getOption(), "SO_PEERCGROUPID", SO_PEERCGROUPID)
        ? cgroup(context, call, socket)
        : new Result.Unknown("the option");
  }

  private static Result cgroup(CallContext context, GetsockoptCall call, Socket socket) {
    boolean known = context.profile().has(KernelFeature.SCM_CGROUPID);
    boolean unix = socket.family() == Socket.AF_UNIX;
    if ((!known || !unix) && context.refuse("F03 SO_PEERCGROUPID")) {
      return context.fail(Errno.ENOPROTOOPT, "F03 SO_PEERCGROUPID");
    }
    if (Arguments.number(Arguments.text(call.getLength()).replace("[", ""), 8) < 8) {
      return context.fail(Errno.EINVAL, "F03 length");
    }
    return socket.pid() == 0
        ? context.fail(Errno.ENODATA, "F03 no peer")
        : SocketOptions.answer(call, "[" + socket.cgroup() + "]", 8);
  }

  private static Result credentials(CallContext context, GetsockoptCall call, Socket socket) {
    KernelState state = context.state();
    int pid =
        PidNumbers.seenFrom(state, state.pids.get(socket.pid()), context.task().namespaces().pid());
    long userNs = context.task().credentials().userNs();
    boolean known = socket.pid() != 0;
    int uid = known ? IdMap.shown(state, userNs, socket.uid(), false) : -1;
    int gid = known ? IdMap.shown(state, userNs, socket.gid(), true) : -1;
    String text = "{pid=%d, uid=%d, gid=%d}".formatted(pid, uid, gid);
    return Result.value(
        0, GetsockoptCall.newBuilder(call).setValue(raw(text)).setLength(raw("[12]")).build());
  }

  /** A descriptor that no result value tells, only the option's value. */
  private static Result pidfd(CallContext context, GetsockoptCall call, Socket socket) {
    if (!context.profile().has(KernelFeature.SCM_PIDFD) && context.refuse("getsockopt: option")) {
      return context.fail(Errno.ENOPROTOOPT, "getsockopt: option");
    }
    if (socket.pid() == 0 && !socket.inferred() && context.refuse("C12.8 no peer")) {
      return context.fail(Errno.ENODATA, "C12.8 no peer");
    }
    long shown = context.succeeded() ? Arguments.number(Arguments.text(call.getValue()), -1) : -1;
    int number =
        shown >= 0 ? (int) shown : FdTables.lowestFree(context.state(), context.task().files(), 0);
    boolean full = shown < 0 && number >= Limits.files(context);
    if (full && context.refuse("C2.1 RLIMIT_NOFILE")) {
      return context.fail(Errno.EMFILE, "C2.1 RLIMIT_NOFILE");
    }
    OpenFileDescription file =
        Files.object(
            context, FileKind.PIDFD, socket.pid(), "anon_inode:[pidfd]", 0, OpenFlags.RDWR);
    FdTables.place(context, number, file.key(), true);
    return Result.value(
        0, GetsockoptCall.newBuilder(call).setValue(raw("[" + number + "]")).build());
  }

  private static Raw raw(String text) {
    return Raw.newBuilder()
        .setText(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)))
        .build();
  }
}

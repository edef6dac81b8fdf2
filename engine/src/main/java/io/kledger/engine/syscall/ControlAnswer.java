package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.file.ReceivedRights;
import io.kledger.engine.file.UnixQueue;
import io.kledger.engine.ns.IdMap;
import io.kledger.engine.ns.TimeNamespaces;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.time.Timers;
import io.kledger.event.avro.ControlMessage;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.MessageHeader;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.file.SocketMessage;
import io.kledger.kernel.time.Timer.Clock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The ancillary data that the engine, as the kernel, hands out: scm_recv(), put_cmsg(). */
final class ControlAnswer {
  private static final long MSG_CTRUNC = 8;
  private static final long MSG_TRUNC = 0x20;
  private static final long MSG_CMSG_CLOEXEC = 0x40000000;
  private static final long MSG_RIGHTS_DENIAL = 0x200000;
  private static final long MSG_RIGHTS_FILTER = 0x400000;
  private static final long SECOND = 1_000_000_000L;
  private static final int HEADER = 16;
  private static final int CREDENTIALS = 12;
  private static final int ROOM_FOR_ALL = 1 << 16;
  private static final int OVERFLOW_ID = 65534;

  private final CallContext context;
  private final Socket socket;
  private final UnixQueue.Received received;
  private final List<ControlMessage> items = new ArrayList<>();
  private long room;
  private long used;
  private long flags;

  ControlAnswer(CallContext context, Socket socket, UnixQueue.Received received) {
    this.context = context;
    this.socket = socket;
    this.received = received;
  }

  /**
   * Installs what fits; returns the header as the call leaves it, null if it has none.
   *
   * @param asking MSG_ flags of the call
   */
  MessageHeader fill(MessageHeader asked, long asking) {
    boolean cloexec = (asking & MSG_CMSG_CLOEXEC) != 0;
    // The flag asks for both: all slots, and to be told of denials.
    boolean tell =
        context.profile().has(KernelFeature.RIGHTS_NOTRUNC) && (asking & MSG_RIGHTS_FILTER) != 0;
    boolean whole = tell || socket.has(Socket.Option.NOTRUNC);
    if (asked == null) {
      return null;
    }
    String length = Arguments.text(asked.getControlLength());
    room = length.contains("=>") ? Arguments.number(length, 0) : ROOM_FOR_ALL;
    if (Arguments.number(length, ROOM_FOR_ALL) == 0) {
      room = 0;
    }
    stamp();
    if ((socket.options() & Socket.Option.PASSCRED) != 0) {
      credentials();
    }
    if (socket.has(Socket.Option.PASSCGROUPID)) {
      cgroup();
    }
    rights(cloexec, whole, tell);
    if ((socket.options() & Socket.Option.PASSPIDFD) != 0) {
      pidfd();
    }
    if (cloexec) {
      flags |= MSG_CMSG_CLOEXEC;
    }
    if (received.truncated(socket)) {
      flags |= MSG_TRUNC;
    }
    return MessageHeader.newBuilder(asked)
        .setVectors(IoVectors.filled(asked.getVectors(), received.data()))
        .setControl(items.isEmpty() ? null : items)
        .setControlLength(raw(length.contains("=>") ? room + " => " + used : Long.toString(used)))
        .setFlags(flags)
        .build();
  }

  /**
   * sock_recv_timestamp(): when a packet was queued; where nobody had asked then, when it is read.
   * Monotonic time is always that of queueing.
   */
  private void stamp() {
    SocketMessage message = received.message();
    if (message == null
        || !socket.packets()
        || !socket.has(Socket.Option.TIMESTAMP | Socket.Option.TIMESTAMPNS)) {
      return;
    }
    if (socket.has(Socket.Option.MONOTONIC)) {
      put(6, 16, time(message.monotonic() + TimeNamespaces.monotonic(context), "tv_nsec", 1));
      return;
    }
    long time = message.stamped() ? message.realtime() : Timers.now(context, Clock.REALTIME);
    boolean fresh = socket.has(Socket.Option.NEW_STAMP);
    if (socket.has(Socket.Option.TIMESTAMPNS)) {
      put(fresh ? 0x40 : 0x23, 16, time(time, "tv_nsec", 1));
    } else {
      put(fresh ? 0x3f : 0x1d, 16, time(time, "tv_usec", 1000));
    }
  }

  private static Raw time(long nanos, String part, long unit) {
    return raw("{tv_sec=%d, %s=%d}".formatted(nanos / SECOND, part, nanos % SECOND / unit));
  }

  private void credentials() {
    SocketMessage message = received.message();
    KernelState state = context.state();
    boolean attached = message != null && message.pid() != 0;
    int pid =
        attached
            ? PidNumbers.seenFrom(
                state, state.pids.get(message.pid()), context.task().namespaces().pid())
            : 0;
    long userNs = context.task().credentials().userNs();
    int uid = attached ? IdMap.shown(state, userNs, message.uid(), false) : OVERFLOW_ID;
    int gid = attached ? IdMap.shown(state, userNs, message.gid(), true) : OVERFLOW_ID;
    long fit = room - used - HEADER;
    put(
        2,
        CREDENTIALS,
        fit >= CREDENTIALS
            ? raw("{pid=%d, uid=%d, gid=%d}".formatted(pid, uid, gid))
            : cut(new int[] {pid, uid, gid}, (int) Math.max(0, fit)));
  }

  /** The first bytes of a struct, as strace prints what is no whole one. */
  private static Raw cut(int[] members, int bytes) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < bytes; i++) {
      text.append('\\').append(Integer.toOctalString(members[i / 4] >>> i % 4 * 8 & 255));
    }
    return raw(text.append('"').toString());
  }

  /** SCM_CGROUPID: whole or not at all. */
  private void cgroup() {
    if (room - used < HEADER + 8) {
      flags |= MSG_CTRUNC;
      return;
    }
    SocketMessage message = received.message();
    put(5, 8, raw("[" + (message == null ? 0 : message.cgroup()) + "]"));
  }

  private void rights(boolean cloexec, boolean whole, boolean tell) {
    int count = received.rights().size();
    if (count == 0) {
      return;
    }
    long fit = Math.max(0, (room - used - HEADER) / 4);
    ReceivedRights.Delivered delivered =
        ReceivedRights.deliver(context, received, whole, (int) Math.min(count, fit), cloexec);
    if (delivered.denied() && tell) {
      flags |= MSG_RIGHTS_DENIAL;
    }
    if (delivered.cut()) {
      flags |= MSG_CTRUNC;
    }
    if (!delivered.slots().isEmpty()) {
      put(1, 4 * delivered.slots().size(), delivered.slots());
    }
  }

  /** scm_pidfd_recv(). With a full table the item has the error for a number. */
  private void pidfd() {
    if (room - used < HEADER + 4) {
      flags |= MSG_CTRUNC;
      return;
    }
    SocketMessage message = received.message();
    if (message == null || message.pid() == 0) {
      return;
    }
    int number = ReceivedRights.pidfd(context, received, -1);
    put(4, 4, List.of(Fd.newBuilder().setNumber(number).build()));
  }

  private void put(int type, int size, Object data) {
    long length = HEADER + size;
    if (room - used < HEADER) {
      flags |= MSG_CTRUNC;
      return;
    }
    if (room - used < length) {
      flags |= MSG_CTRUNC;
      length = room - used;
    }
    items.add(
        ControlMessage.newBuilder()
            .setLength(length)
            .setLevel(1)
            .setType(type)
            .setData(data)
            .build());
    used = Math.min(room, used + (length + 7 & ~7L));
  }

  private static Raw raw(String text) {
    return Raw.newBuilder()
        .setText(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)))
        .build();
  }
}

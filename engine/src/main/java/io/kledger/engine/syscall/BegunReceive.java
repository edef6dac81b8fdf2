package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.Handler;
import io.kledger.engine.Result;
import io.kledger.engine.file.UnixQueue;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.task.PendingCall;
import org.apache.avro.specific.SpecificRecord;

/**
 * Receives of a trace next to sends of others: what a call got is certain where every order of the
 * two gives the same.
 */
final class BegunReceive {
  private static final String RECEIVE = "receive";

  private BegunReceive() {}

  /** A handler that remembers what there was when a call began. */
  static <C extends SpecificRecord> Handler<C> handler(Handler<C> receive) {
    return new Handler<>() {
      @Override
      public Result call(CallContext context, C call) {
        return receive.call(context, call);
      }

      @Override
      public Result enter(CallContext context, C call) {
        begin(context);
        return new Result.Blocked("its return");
      }
    };
  }

  static void begin(CallContext context) {
    long last = context.state().counter(CounterId.KEY);
    for (PendingCall other : context.state().pending.rows()) {
      if (other.call().equals(BegunSend.SEND)) {
        last = Math.min(last, other.child() - 1);
      }
    }
    context.put(
        Tables.PENDING,
        new PendingCall(context.taskKey(), RECEIVE, context.position(), 0, 0, false, last, 0));
  }

  /** The last key given out when the call began that returns now; all of them if it just ran. */
  static long since(CallContext context) {
    PendingCall pending = LockCalls.pending(context, RECEIVE);
    boolean returns =
        context.event().getBody() instanceof Syscall syscall
            && syscall.getPhase() == Phase.RETURNED;
    if (pending != null) {
      context.remove(Tables.PENDING, pending.key());
    }
    // Where the line that begins the call is cut too early to tell which it is, nothing is certain.
    return !returns ? Long.MAX_VALUE : pending == null ? 0 : pending.value();
  }

  /** Whether the order of sends and this receive makes no difference to how much it gets. */
  static boolean certain(KernelState state, Socket socket, long size, long since) {
    long[] queue = state.messagesBySocket.keys(socket.key());
    int sure = 0;
    while (sure < queue.length && queue[sure] <= since && !sending(state, queue[sure])) {
      sure++;
    }
    if (sure == queue.length) {
      return true;
    }
    if (sure == 0) {
      // It waited for this one message: without it, it would not have returned.
      return queue.length == 1 && since != Long.MAX_VALUE;
    }
    return socket.packets() || UnixQueue.filled(state, socket, size, sure);
  }

  private static boolean sending(KernelState state, long message) {
    for (PendingCall pending : state.pending.rows()) {
      if (pending.call().equals(BegunSend.SEND) && pending.child() == message) {
        return true;
      }
    }
    return false;
  }
}

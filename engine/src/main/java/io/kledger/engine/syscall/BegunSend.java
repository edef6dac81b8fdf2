package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.Handler;
import io.kledger.engine.Result;
import io.kledger.engine.file.Sockets;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.SocketMessage;
import io.kledger.kernel.task.PendingCall;
import org.apache.avro.specific.SpecificRecord;

/**
 * Sends of a trace that have begun and not returned: others may be seen to receive what they carry,
 * so the message is in the queue from the beginning.
 */
final class BegunSend {
  static final String SEND = "send";

  private BegunSend() {}

  /** A handler whose calls queue their message when they begin. */
  static <C extends SpecificRecord> Handler<C> handler(Handler<C> send) {
    return new Handler<>() {
      @Override
      public Result call(CallContext context, C call) {
        return begun(context) ? finish(context) : send.call(context, call);
      }

      @Override
      public Result enter(CallContext context, C call) {
        begin(context, () -> send.call(context, call));
        return new Result.Blocked("its return");
      }
    };
  }

  /** What a send would do now. */
  @FunctionalInterface
  interface Attempt {
    /** Does it. */
    Result run();
  }

  /** The message is queued if there is nothing against it; else nothing happens yet. */
  static void begin(CallContext context, Attempt attempt) {
    int mark = context.mark();
    long before = context.state().counter(CounterId.KEY);
    Result now = attempt.run();
    long message = sent(context, before);
    if (!(now instanceof Result.Done done) || message == 0) {
      context.rollback(mark);
      return;
    }
    context.put(
        Tables.PENDING,
        new PendingCall(
            context.taskKey(), SEND, context.position(), 0, message, true, done.value(), 0));
  }

  /** The message that was queued since a key was given out; 0 if none was. */
  private static long sent(CallContext context, long before) {
    KernelState state = context.state();
    SocketMessage next = state.messages.get(before + 1);
    return next == null ? 0 : next.key();
  }

  static boolean begun(CallContext context) {
    return LockCalls.pending(context, SEND) != null
        && context.event().getBody() instanceof Syscall syscall
        && syscall.getPhase() == Phase.RETURNED;
  }

  static Result finish(CallContext context) {
    PendingCall pending = LockCalls.pending(context, SEND);
    context.remove(Tables.PENDING, pending.key());
    SocketMessage message = context.state().messages.get(pending.child());
    boolean failed = context.observed() != null && !context.succeeded();
    if (failed && message != null) {
      Sockets.discard(context, message.key());
    }
    return failed && context.observed().getUnknown()
        ? new Result.Unknown("whether it was sent")
        : Result.value(pending.value());
  }
}

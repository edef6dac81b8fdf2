package io.kledger.engine;

import org.apache.avro.specific.SpecificRecord;

/**
 * The rules of one system call. It reads the state, emits changes, and says what the call returns.
 *
 * <p>In a trace the result is known. {@link CallContext#observed} tells it, but a handler predicts
 * from the state alone and looks at the observed result only for what the kernel was free to choose
 * (an fd number, a pid) or where the state is incomplete. What it emitted stays if the prediction
 * agrees with what was observed; see {@link Engine} for the rest.
 */
@FunctionalInterface
public interface Handler<C extends SpecificRecord> {
  /** The call returns now (or, without an observed result, may block: {@link Result.Blocked}). */
  Result call(CallContext context, C call);

  /**
   * The call was seen to begin and its return follows later. The default notes nothing. A handler
   * whose beginning has effects or is worth showing (a lock request, clone, exit) says so here;
   * without an observed result {@link #call} is used instead.
   */
  default Result enter(CallContext context, C call) {
    return new Result.Blocked("its return");
  }
}

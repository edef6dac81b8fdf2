package io.kledger.kernel.uring;

import io.kledger.store.Row;

/**
 * A slot of a submission queue and what becomes of it (struct io_kiocb). Key order is submission
 * order.
 *
 * @param ring key of the ring's open file description
 * @param task key of the task that filled the slot
 * @param sqe the slot as written: {@code {opcode=..., user_data=...}}
 * @param userData what the completion is recognised by
 * @param lock key of the waiting lock request that it stands for, 0 if none
 * @param before key of the request that it is linked behind, 0 if none
 * @param result of a completed one: a value, or the negative of an errno
 * @param order place among the completions
 */
public record RingRequest(
    long key,
    long ring,
    long task,
    String sqe,
    long userData,
    State state,
    long lock,
    long before,
    long result,
    long order)
    implements Row {
  /** Where it stands. */
  public enum State {
    /** Filled by the program, not submitted. */
    QUEUED,
    /** Submitted; waits for the one that it is linked behind. */
    LINKED,
    /** Waits for something. */
    BLOCKED,
    /** Its completion waits to be taken. */
    DONE,
    /** It is complete, but the model has no rules for what it did. */
    NOT_KNOWN
  }

  public RingRequest submitted(State newState, long newLock, long newBefore) {
    return new RingRequest(
        key, ring, task, sqe, userData, newState, newLock, newBefore, result, order);
  }

  public RingRequest notKnown(long newOrder) {
    return new RingRequest(key, ring, task, sqe, userData, State.NOT_KNOWN, 0, before, 0, newOrder);
  }

  public RingRequest done(long value, long newOrder) {
    return new RingRequest(key, ring, task, sqe, userData, State.DONE, 0, before, value, newOrder);
  }
}

package io.kledger.kernel.task;

import io.kledger.store.Row;

/**
 * A call that has begun and not returned. Key: the task's.
 *
 * @param call name of the call
 * @param entered position of the event that began it
 * @param child clone family: key of the child already created because its first event came before
 *     the parent's return; else 0
 * @param done true if something completed it; it returns {@code value} or {@code error}
 */
public record PendingCall(
    long key,
    String call,
    long entered,
    long flags,
    long child,
    boolean done,
    long value,
    int error)
    implements Row {
  /** The call is complete and may return. */
  public PendingCall finished(long newValue, int newError) {
    return new PendingCall(key, call, entered, flags, child, true, newValue, newError);
  }

  /** What completed it was taken back. */
  public PendingCall waitingAgain() {
    return new PendingCall(key, call, entered, flags, child, false, 0, 0);
  }
}

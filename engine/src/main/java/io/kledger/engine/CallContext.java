package io.kledger.engine;

import io.kledger.event.avro.Event;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Syscall;
import io.kledger.kernel.Counter;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.Notice;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.Internal;
import io.kledger.kernel.change.NoticeChange;
import io.kledger.kernel.change.StateChange;
import io.kledger.kernel.task.Task;
import io.kledger.store.Row;
import io.kledger.store.TableId;
import java.util.List;

/**
 * What a handler works with: the state (which shows its own changes at once), the event, and the
 * door for changes.
 */
public final class CallContext {
  private final KernelState state;
  private final Transaction transaction;
  private Event event;
  private KernelProfile profile;
  private long taskKey;
  private Outcome observed;
  private boolean assuming;
  private String assumed;

  CallContext(KernelState state, Transaction transaction) {
    this.state = state;
    this.transaction = transaction;
  }

  void reset(Event newEvent, KernelProfile newProfile, Outcome newObserved) {
    event = newEvent;
    profile = newProfile;
    observed = newObserved;
    taskKey = 0;
    assuming = false;
    assumed = null;
  }

  void task(long key) {
    taskKey = key;
  }

  void assume(boolean on) {
    assuming = on;
    assumed = null;
  }

  /** The first rule that had to be passed over because the kernel did succeed; null if none. */
  String assumed() {
    return assumed;
  }

  public KernelState state() {
    return state;
  }

  public Event event() {
    return event;
  }

  /** Position of the event. */
  public long position() {
    return event.getPosition();
  }

  public KernelProfile profile() {
    return profile;
  }

  /** The calling task as it is now. */
  public Task task() {
    return state.tasks.require(taskKey);
  }

  /**
   * From now on things happen in the context of this task: one that dies, or is killed. Returns the
   * key of the one before, to go back to.
   */
  public long actAs(long task) {
    long before = taskKey;
    taskKey = task;
    return before;
  }

  /** Key of the calling task. */
  public long taskKey() {
    return taskKey;
  }

  /** Nanoseconds of monotonic time; of real time where the trace has only that. */
  public long now() {
    return event.getMonotonic() >= 0 ? event.getMonotonic() : event.getRealtime();
  }

  /** The observed result; null if the engine is the kernel. */
  public Outcome observed() {
    return observed;
  }

  /**
   * True if no kernel ran: no result was observed, and the prediction is the result. What
   * observations tell of a real kernel is not simulated.
   */
  public boolean simulated() {
    if (observed != null) {
      return false;
    }
    Machine machine = state.machine.get(1);
    return event.getBody() instanceof Syscall || machine != null && machine.model();
  }

  /** True if the kernel was seen to succeed. */
  public boolean succeeded() {
    return observed != null && observed.getError() == 0 && !observed.getUnknown();
  }

  /** The observed value, or the given one if none was. */
  public long observedOr(long predicted) {
    return succeeded() ? observed.getValue() : predicted;
  }

  /** True in the second run of a call that failed by prediction and succeeded in reality. */
  public boolean assuming() {
    return assuming;
  }

  /**
   * A check failed. Normally true: return {@link #fail}. In the second run of a call that really
   * succeeded it is false: the rule is noted and the handler goes on.
   */
  public boolean refuse(String rule) {
    if (assuming) {
      if (assumed == null) {
        assumed = rule;
      }
      return false;
    }
    return true;
  }

  /** The call fails. */
  public Result fail(int errno, String rule) {
    return new Result.Failed(errno, rule);
  }

  /** How many changes there are: where {@link #rollback} may go back to. */
  public int mark() {
    return transaction.count();
  }

  /** Takes back the changes emitted since {@code mark}: an operation failed half-way. */
  public void rollback(int mark) {
    transaction.rollback(mark);
  }

  /** Applies a change. */
  public void emit(StateChange change) {
    transaction.emit(change);
  }

  /** Writes a row that is nobody's news. */
  public void put(TableId<? extends Row> table, Row row) {
    transaction.emit(new Internal.Put(table, row));
  }

  /** Removes a row that is nobody's news. */
  public void remove(TableId<? extends Row> table, long key) {
    transaction.emit(new Internal.Removed(table, key));
  }

  /**
   * Something happened that has no row of its own.
   *
   * @param type of the notification
   * @param keys names and values in turn
   */
  public void notice(String type, String... keys) {
    Notice before = state.notices.get(1);
    emit(
        new NoticeChange.Happened(
            new Notice(1, before == null ? 1 : before.count() + 1), type, List.of(keys)));
  }

  /** The next value of a generator. */
  public long next(CounterId id) {
    long value = state.counter(id) + 1;
    put(Tables.COUNTERS, new Counter(id.key(), value));
    return value;
  }

  /** A key for a new row. */
  public long newKey() {
    return next(CounterId.KEY);
  }

  /** Sets a generator's last value. */
  public void set(CounterId id, long value) {
    if (state.counter(id) != value) {
      put(Tables.COUNTERS, new Counter(id.key(), value));
    }
  }

  /** Sees to it that a generator's last value is at least this. */
  public void raise(CounterId id, long value) {
    if (state.counter(id) < value) {
      put(Tables.COUNTERS, new Counter(id.key(), value));
    }
  }
}

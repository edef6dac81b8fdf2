package io.kledger.engine;

import io.kledger.event.avro.Event;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.kernel.task.Task;
import org.apache.avro.specific.SpecificRecord;

/**
 * Folds events into kernel state: the one writer of a machine. No clock, no randomness, no I/O: the
 * same events give the same state, change by change.
 *
 * <p>Reality wins, and is compared. With an observed result the handler still predicts one:
 *
 * <ul>
 *   <li>it agrees, or is unknown: the changes stay;
 *   <li>predicted success, observed failure: the changes are taken back;
 *   <li>predicted failure (or unknown, or waiting), observed success: they are taken back and the
 *       handler runs again with {@link CallContext#assuming}, passing over the checks that reality
 *       passed;
 *   <li>predicted another error: the changes of the failure stay.
 * </ul>
 *
 * Without one, the prediction is the result.
 */
public final class Engine {
  private static final Machine UNKNOWN = Machine.unknown();
  private static final Outcome NOT_SEEN = Outcome.newBuilder().setUnknown(true).build();

  private final KernelState state;
  private final SyscallTable table;
  private final TaskFinder finder;
  private final Transaction transaction;
  private final CallContext context;
  private Machine profileOf;
  private KernelProfile profile;
  private Judge judge = Judge.REALITY;

  /** Finds, or makes, the task that an event is of. */
  @FunctionalInterface
  public interface TaskFinder {
    /**
     * The task of the event's tid; makes one (inferred, or the child of a clone not yet returned).
     * Null for what a task prints that the ledger knows to be gone.
     */
    Task find(CallContext context, int tid);
  }

  /** Decides whether an observed result holds where the engine predicts one, too. */
  @FunctionalInterface
  public interface Judge {
    /** Reality wins. */
    Judge REALITY = (event, predicted) -> false;

    /** Whether the prediction holds and the observation does not. */
    boolean overrules(Event event, Result predicted);
  }

  public Engine(KernelState state, SyscallTable table, TaskFinder finder) {
    this.state = state;
    this.table = table;
    this.finder = finder;
    this.transaction = new Transaction(state);
    this.context = new CallContext(state, transaction);
  }

  public KernelState state() {
    return state;
  }

  /** Hears each change from now on. */
  public void listener(ChangeListener listener) {
    transaction.listener(listener);
  }

  /** From now on decides whether observed results hold; reality wins otherwise. */
  public void judge(Judge newJudge) {
    judge = newJudge;
  }

  /** The kernel profile in force. */
  public KernelProfile profile() {
    Machine machine = state.machine.get(1);
    if (machine == null) {
      machine = UNKNOWN;
    }
    if (profile == null || machine != profileOf && !machine.equals(profileOf)) {
      profileOf = machine;
      profile = KernelProfile.of(machine);
    }
    return profile;
  }

  /**
   * Folds one event; its position must be the one after the last. If a rule throws, the event
   * changed nothing.
   */
  public Folded fold(Event event) {
    transaction.begin(event.getPosition());
    try {
      if (state.timers.size() > 0) {
        context.reset(event, profile(), null);
        table.clockwork().run(context, false);
      }
      Folded folded = foldBody(event);
      return state.timers.size() > 0 ? expired(event, folded) : folded;
    } catch (RuntimeException e) {
      transaction.rollback(0);
      throw e;
    }
  }

  /** What is due at the moment of the event comes after what the event does. */
  private Folded expired(Event event, Folded folded) {
    int before = transaction.count();
    context.reset(event, profile(), null);
    table.clockwork().run(context, true);
    return transaction.count() == before
        ? folded
        : new Folded(folded.predicted(), folded.divergence(), transaction.changes());
  }

  private Folded foldBody(Event event) {
    Object body = event.getBody();
    if (body instanceof Syscall syscall) {
      return call(event, syscall);
    }
    BodyHandler<SpecificRecord> handler = table.body(body.getClass());
    if (handler == null) {
      return Folded.NOTHING;
    }
    context.reset(event, profile(), null);
    handler.handle(context, (SpecificRecord) body);
    return transaction.count() == 0
        ? Folded.NOTHING
        : new Folded(null, null, transaction.changes());
  }

  private Folded call(Event event, Syscall syscall) {
    Outcome observed = observed(syscall);
    context.reset(event, profile(), observed);
    Task task = finder.find(context, event.getTid());
    if (task == null) {
      return Folded.NOTHING;
    }
    context.task(task.key());
    SpecificRecord call = (SpecificRecord) syscall.getCall();
    Handler<SpecificRecord> handler =
        call instanceof OpaqueCall ? null : table.handler(call.getClass());
    if (handler == null) {
      if (call instanceof OpaqueCall opaque && context.succeeded()) {
        opaque(opaque);
      }
      return transaction.count() == 0
          ? Folded.NOTHING
          : new Folded(null, null, transaction.changes());
    }
    if (syscall.getPhase() == Phase.ENTERED && observed != null) {
      Result result = handler.enter(context, call);
      return new Folded(result, null, transaction.changes());
    }
    int before = transaction.count();
    Result predicted = handler.call(context, call);
    if (observed == null) {
      return new Folded(predicted, null, transaction.changes());
    }
    if (judge.overrules(event, predicted)) {
      transaction.rollback(before);
      context.reset(event, profile(), null);
      context.task(task.key());
      Result alone = handler.call(context, call);
      return new Folded(alone, null, transaction.changes());
    }
    if (!agrees(predicted, observed)) {
      settle(handler, call, predicted, observed, before);
    }
    return new Folded(
        predicted, Compare.divergence(event, call, predicted, observed), transaction.changes());
  }

  private void opaque(OpaqueCall call) {
    BodyHandler<OpaqueCall> handler = table.opaque(call.getName());
    if (handler != null) {
      handler.handle(context, call);
    }
  }

  private static Outcome observed(Syscall syscall) {
    if (syscall.getSimulated()) {
      return null;
    }
    return syscall.getOutcome() == null ? NOT_SEEN : syscall.getOutcome();
  }

  private static boolean agrees(Result predicted, Outcome observed) {
    boolean failed = observed.getError() != 0;
    return switch (predicted) {
      case Result.Done done -> !failed && !observed.getUnknown();
      case Result.Failed wrong -> failed || observed.getUnknown();
      case Result.Unknown unknown -> failed || observed.getUnknown();
      case Result.Blocked blocked -> observed.getUnknown();
    };
  }

  private void settle(
      Handler<SpecificRecord> handler,
      SpecificRecord call,
      Result predicted,
      Outcome observed,
      int before) {
    transaction.rollback(before);
    if (observed.getError() == 0 && !observed.getUnknown() && !(predicted instanceof Result.Done)) {
      context.assume(true);
      Result second = handler.call(context, call);
      if (!(second instanceof Result.Done)) {
        transaction.rollback(before);
      }
    }
  }
}

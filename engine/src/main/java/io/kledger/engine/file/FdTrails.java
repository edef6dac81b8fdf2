package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FdTrail;
import java.util.ArrayList;
import java.util.List;

/** Where descriptors come from that were made from others: dup, fork, SCM_RIGHTS, pidfd_getfd. */
public final class FdTrails {
  /** A trail is not longer: a program may dup for ever. */
  private static final int LONGEST = 64;

  private FdTrails() {}

  /** Positions of the events behind a descriptor, up to the one that installed it. */
  public static List<Long> of(KernelState state, FdSlot slot) {
    FdTrail trail = state.fdTrails.get(slot.key());
    List<Long> positions = new ArrayList<>(trail == null ? List.of() : trail.positions());
    if (positions.isEmpty() || positions.getLast() != slot.since()) {
      positions.add(slot.since());
    }
    return positions;
  }

  /** A call made the caller's descriptor that it returns from another one. */
  static void derived(CallContext context, FdSlot from, int number) {
    KernelState state = context.state();
    FdSlot made = state.fd(context.task().files(), number);
    if (made == null || made.key() == from.key()) {
      return;
    }
    List<Long> positions = of(state, from);
    while (positions.size() > LONGEST) {
      positions.remove(1);
    }
    context.put(Tables.FD_TRAILS, new FdTrail(made.key(), positions));
  }

  /** The same for a call that returns the number. */
  public static Result derived(CallContext context, FdSlot from, Result result) {
    if (result instanceof Result.Done done) {
      derived(context, from, (int) context.observedOr(done.value()));
    }
    return result;
  }

  /** fork: the copy of a slot came the same way. */
  static void copied(CallContext context, FdSlot from, long to) {
    FdTrail trail = context.state().fdTrails.get(from.key());
    if (trail != null) {
      context.put(Tables.FD_TRAILS, new FdTrail(to, trail.positions()));
    }
  }

  /** The slot is gone. */
  static void drop(CallContext context, long slot) {
    if (context.state().fdTrails.get(slot) != null) {
      context.remove(Tables.FD_TRAILS, slot);
    }
  }
}

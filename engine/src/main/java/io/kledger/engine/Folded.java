package io.kledger.engine;

import io.kledger.kernel.change.StateChange;
import java.util.List;

/**
 * What the fold of one event came to.
 *
 * @param predicted what the engine says the call returns; null for events that are not calls, and
 *     for the beginning of a call in a trace
 * @param divergence null where prediction and observation agree, or there is nothing to compare
 * @param changes what changed, in order
 */
public record Folded(Result predicted, Divergence divergence, List<StateChange> changes) {
  static final Folded NOTHING = new Folded(null, null, List.of());
}

package io.kledger.engine;

/** What happens by itself because time passes. */
@FunctionalInterface
public interface Clockwork {
  /**
   * Brings about what is due.
   *
   * @param now false before the event: what was due earlier; true after it: also what is due at its
   *     very moment
   */
  void run(CallContext context, boolean now);
}

package io.kledger.check;

/**
 * One difference, or a gap of the model.
 *
 * @param line of the trace
 * @param kind `mountinfo`, `locks`, `task.FIELD`, `result`, `rejected`, `exception`; what is no
 *     difference: `unknown` (not predicted), `unmodelled` (no rules)
 * @param call of a result: the system call; else empty
 * @param rule of a result: what the prediction followed; else empty
 * @param text what differs, several lines
 */
public record Finding(long line, String kind, String call, String rule, String text) {
  /** Whether it is a difference. */
  public boolean difference() {
    return !kind.equals("unknown") && !kind.equals("unmodelled");
  }
}

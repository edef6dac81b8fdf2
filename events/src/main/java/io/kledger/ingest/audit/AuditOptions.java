package io.kledger.ingest.audit;

/**
 * How an audit log is read.
 *
 * @param name the log in error messages
 * @param node only records of this node name; empty: only those without one; null: all, as one
 *     machine
 * @param rootKnown whether the events before these show the mounts; if not, the first event says
 *     that there is a root of which nothing is known
 * @param continued whether earlier events may know tasks that are first seen here, as where logs
 *     are rotated
 * @param salvage a line that cannot be read becomes a Gap event instead of an exception
 * @param maxLine bytes in a line
 */
public record AuditOptions(
    String name, String node, boolean rootKnown, boolean continued, boolean salvage, int maxLine) {
  /** All nodes; the limit is one that no sane log reaches. */
  public static AuditOptions of(String name) {
    return new AuditOptions(name, null, false, false, false, 1 << 20);
  }

  /** With the records of one node only. */
  public AuditOptions withNode(String only) {
    return new AuditOptions(name, only, rootKnown, continued, salvage, maxLine);
  }

  /** After events that show the mounts. */
  public AuditOptions withRootKnown(boolean known) {
    return new AuditOptions(name, node, known, continued, salvage, maxLine);
  }

  /** With Gap events for lines that cannot be read. */
  public AuditOptions withSalvage(boolean on) {
    return new AuditOptions(name, node, rootKnown, continued, on, maxLine);
  }

  /** After other events of the machine. */
  public AuditOptions withContinued(boolean on) {
    return new AuditOptions(name, node, rootKnown || on, on, salvage, maxLine);
  }
}

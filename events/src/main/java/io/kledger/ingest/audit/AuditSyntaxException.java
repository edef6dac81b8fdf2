package io.kledger.ingest.audit;

import java.io.IOException;

/** A line that is no audit record: where, and what is wrong. */
public final class AuditSyntaxException extends IOException {
  private static final long serialVersionUID = 1;
  private final String problem;
  private final int column;

  AuditSyntaxException(String name, long line, int column, String problem) {
    super(name + ":" + line + ":" + column + ": " + problem + " (--salvage goes past such lines)");
    this.problem = problem;
    this.column = column;
  }

  /** What is wrong, without the place. */
  public String problem() {
    return problem;
  }

  /** The column, from 1. */
  public int column() {
    return column;
  }
}

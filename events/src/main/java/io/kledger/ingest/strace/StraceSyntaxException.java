package io.kledger.ingest.strace;

import java.io.IOException;

/** A line of a trace that cannot be read: where, and what should stand there. */
public final class StraceSyntaxException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long line;
  private final int column;
  private final String problem;

  StraceSyntaxException(String file, long line, int column, String problem) {
    super(file + ":" + line + ":" + column + ": " + problem);
    this.file = file;
    this.line = line;
    this.column = column;
    this.problem = problem;
  }

  /** The name of the trace. */
  public String file() {
    return file;
  }

  /** Line number, from 1. */
  public long line() {
    return line;
  }

  /** Column of the first byte that does not fit, from 1. */
  public int column() {
    return column;
  }

  /** What was expected there. */
  public String problem() {
    return problem;
  }

  /** Where the code stood says nothing about a line; salvaging a bad file must not be slow. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}

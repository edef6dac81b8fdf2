package io.kledger.scenario;

import java.io.IOException;

/** A scenario that cannot be read: where, and why. */
public final class ScenarioException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long line;
  private final int column;

  ScenarioException(String path, long line, int column, String problem) {
    super(path + ":" + line + ":" + column + ": " + problem);
    this.line = line;
    this.column = column;
  }

  public long line() {
    return line;
  }

  public int column() {
    return column;
  }
}

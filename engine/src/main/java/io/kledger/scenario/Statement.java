package io.kledger.scenario;

import io.kledger.ingest.strace.StraceLine;
import java.util.List;

/** One statement of a scenario. */
public sealed interface Statement {
  /** Line number, from 1. */
  long line();

  /** The text without its comment. */
  String text();

  /**
   * A line as strace prints it.
   *
   * @param parsed with the names of the file still open
   * @param other of a call in two halves: the other half's statement; -1 if there is none
   */
  record Traced(long line, String text, StraceLine parsed, int other) implements Statement {}

  /** {@code @kind words settings}. */
  record Directive(long line, String text, String kind, Words words) implements Statement {}

  /** {@code view> name words}, and the lines it must have. */
  record View(long line, String text, String name, Words words, List<Line> lines)
      implements Statement {
    /** One expected line, without the bar. */
    public record Line(long line, String text) {}
  }

  /** {@code note> type settings}. */
  record Note(long line, String text, String type, Words words) implements Statement {}
}

package io.kledger.event;

/**
 * Positions in a machine's log are plain {@code long}s: dense, from {@link #FIRST}, never reused.
 * The state at position N is the state after event N; at {@link #NONE} it is the state before the
 * first.
 */
public final class Position {

  /** Before the first event; also the end of an empty log. */
  public static final long NONE = 0;

  /** The position of a log's first event. */
  public static final long FIRST = 1;

  private Position() {}

  /**
   * Checks a position that an event can have.
   *
   * @return {@code position}
   * @throws IllegalArgumentException if it is below {@link #FIRST}
   */
  public static long requireEvent(long position) {
    if (position < FIRST) {
      throw new IllegalArgumentException("position " + position + ": events are numbered from 1");
    }
    return position;
  }
}

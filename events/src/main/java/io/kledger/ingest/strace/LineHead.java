package io.kledger.ingest.strace;

import io.kledger.event.Bytes;

/**
 * What stands at the beginning of a line.
 *
 * @param tid the thread id, 0 if the line has none
 * @param time the kind of time stamp
 * @param nanos its value in nanoseconds: since 1970, since midnight, or since the line before
 * @param prefix further annotations as printed: {@code <comm>}, {@code [syscall number]}, {@code
 *     [address]}
 */
public record LineHead(int tid, Time time, long nanos, Bytes prefix) {
  /** Kinds of time stamps. */
  public enum Time {
    /** None. */
    NONE,
    /** {@code -ttt}: since 1970. */
    EPOCH,
    /** {@code -t}, {@code -tt}: time of day. */
    CLOCK,
    /** {@code -r}: since the line before. */
    RELATIVE
  }
}

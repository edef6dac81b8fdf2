package io.kledger.projection.http;

/** A connection to a subscriber. */
interface Outlet {
  /** Whether somebody is there. */
  boolean open();

  /**
   * Hands a frame over; returns when there is room for the next.
   *
   * @return false if nobody is there any more
   * @throws TooSlow if nothing was taken for too long
   */
  boolean send(Frame frame) throws InterruptedException, TooSlow;

  /** Ends the connection with a reason. */
  void end(Problem problem) throws InterruptedException;

  /** The subscriber takes nothing. */
  final class TooSlow extends Exception {
    private static final long serialVersionUID = 1L;
    static final long PATIENCE_MILLIS = 15_000;

    Problem problem() {
      return new Problem(
          503,
          "too slow: nothing was taken for "
              + PATIENCE_MILLIS / 1000
              + " s; resume after the last id");
    }
  }
}

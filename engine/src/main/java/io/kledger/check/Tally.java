package io.kledger.check;

import java.util.Arrays;

/**
 * How much of what was compared agrees. Snapshots at which a call had returned in the kernel
 * without being printed are counted apart.
 *
 * @param rejected lines of the trace that could not be read
 */
public record Tally(
    Count mountinfo,
    Count locks,
    Count tasks,
    Count results,
    long unknown,
    long rejected,
    Count uncleanMountinfo,
    Count uncleanLocks,
    Count uncleanTasks) {
  /** Nothing compared yet. */
  public static final Tally NONE =
      new Tally(
          Count.NONE, Count.NONE, Count.NONE, Count.NONE, 0, 0, Count.NONE, Count.NONE, Count.NONE);

  /** So many of so many agree. */
  public record Count(long right, long all) {
    static final Count NONE = new Count(0, 0);

    Count plus(boolean agrees) {
      return new Count(right + (agrees ? 1 : 0), all + 1);
    }

    Count plus(Count that) {
      return new Count(right + that.right, all + that.all);
    }

    boolean complete() {
      return right == all;
    }

    @Override
    public String toString() {
      return right + "/" + all;
    }
  }

  /** With one more view compared. */
  Tally plus(String kind, boolean clean, boolean agrees) {
    Tally one =
        switch (kind) {
          case "mountinfo" -> of(0, clean, agrees);
          case "locks" -> of(1, clean, agrees);
          default -> of(2, clean, agrees);
        };
    return plus(one);
  }

  private static Tally of(int view, boolean clean, boolean agrees) {
    Count[] counts = new Count[6];
    Arrays.fill(counts, Count.NONE);
    counts[view + (clean ? 0 : 3)] = Count.NONE.plus(agrees);
    return new Tally(
        counts[0], counts[1], counts[2], Count.NONE, 0, 0, counts[3], counts[4], counts[5]);
  }

  /** With one more predicted result. */
  Tally plusResult(boolean agrees) {
    return plus(
        new Tally(
            Count.NONE,
            Count.NONE,
            Count.NONE,
            Count.NONE.plus(agrees),
            0,
            0,
            Count.NONE,
            Count.NONE,
            Count.NONE));
  }

  /** With one more result that the engine could not predict. */
  Tally plusUnknown() {
    return plus(
        new Tally(
            Count.NONE,
            Count.NONE,
            Count.NONE,
            Count.NONE,
            1,
            0,
            Count.NONE,
            Count.NONE,
            Count.NONE));
  }

  /** With one more line that could not be read. */
  Tally plusRejected() {
    return plus(
        new Tally(
            Count.NONE,
            Count.NONE,
            Count.NONE,
            Count.NONE,
            0,
            1,
            Count.NONE,
            Count.NONE,
            Count.NONE));
  }

  /** Both together. */
  public Tally plus(Tally that) {
    return new Tally(
        mountinfo.plus(that.mountinfo),
        locks.plus(that.locks),
        tasks.plus(that.tasks),
        results.plus(that.results),
        unknown + that.unknown,
        rejected + that.rejected,
        uncleanMountinfo.plus(that.uncleanMountinfo),
        uncleanLocks.plus(that.uncleanLocks),
        uncleanTasks.plus(that.uncleanTasks));
  }

  /** Whether nothing differs. */
  public boolean allRight() {
    return mountinfo.complete()
        && locks.complete()
        && tasks.complete()
        && results.complete()
        && uncleanMountinfo.complete()
        && uncleanLocks.complete()
        && uncleanTasks.complete()
        && rejected == 0;
  }

  /** {@code mountinfo 812/845 locks 10/10 tasks 9/10 results 10233/10310 rejected-lines 0}. */
  @Override
  public String toString() {
    return "mountinfo %s locks %s tasks %s results %s rejected-lines %d"
        .formatted(
            mountinfo.plus(uncleanMountinfo),
            locks.plus(uncleanLocks),
            tasks.plus(uncleanTasks),
            results,
            rejected);
  }
}

package io.kledger.kernel.task;

import io.kledger.store.Row;
import java.util.List;

/**
 * The holder of a task's numbers (struct pid): lives as long as any task uses it as tid, tgid,
 * process group or session, and is what a pidfd refers to.
 *
 * @param namespace key of the deepest pid namespace
 * @param numbers from the initial (level 0) namespace inwards; -1 where not known
 */
public record Pid(long key, long namespace, List<Integer> numbers, long inode) implements Row {
  public Pid {
    numbers = List.copyOf(numbers);
  }

  /** Number at a level of the pid namespace tree, 0 if it has none there. */
  public int at(int level) {
    return level < numbers.size() ? numbers.get(level) : 0;
  }
}

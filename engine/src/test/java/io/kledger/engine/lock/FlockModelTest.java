package io.kledger.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.abi.Errno;
import io.kledger.engine.Result;
import io.kledger.event.avro.FlockCall;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.lock.FileLock.Mode;
import io.kledger.kernel.task.PendingCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** flock(2) against a map of who holds what, with tasks that wait. */
class FlockModelTest {
  private static final int SH = 1;
  private static final int EX = 2;
  private static final int NB = 4;
  private static final int UN = 8;
  private static final int TASKS = 6;

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void withoutWaitingTheMapDecides(long seed) {
    Random random = new Random(seed);
    ModelKernel kernel = new ModelKernel("/srv/f");
    int[] fds = openers(kernel);
    TreeMap<Integer, Mode> held = new TreeMap<>();
    for (int step = 0; step < 300; step++) {
      int task = random.nextInt(TASKS);
      int operation = List.of(SH, EX, UN).get(random.nextInt(3));
      String when = "seed " + seed + " step " + step;

      Result result = kernel.call(100 + task, call(fds[task], operation | NB));

      Mode wanted = operation == SH ? Mode.READ : operation == EX ? Mode.WRITE : null;
      if (wanted == held.get(task) || wanted == null) {
        assertThat(result).as(when).isEqualTo(Result.ZERO);
        if (wanted == null) {
          held.remove(task);
        }
      } else {
        // a conversion has given up the old lock before it looks for the new one
        held.remove(task);
        boolean free = held.isEmpty() || wanted == Mode.READ && !held.containsValue(Mode.WRITE);
        if (free) {
          held.put(task, wanted);
          assertThat(result).as(when).isEqualTo(Result.ZERO);
        } else {
          assertThat(((Result.Failed) result).errno()).as(when).isEqualTo(Errno.EAGAIN);
        }
      }
      assertThat(granted(kernel)).as(when).isEqualTo(held);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26})
  void nobodyWaitsForNothing(long seed) {
    Random random = new Random(seed);
    ModelKernel kernel = new ModelKernel("/srv/f");
    int[] fds = openers(kernel);
    TreeMap<Integer, FlockCall> waiting = new TreeMap<>();
    for (int step = 0; step < 300; step++) {
      String when = "seed " + seed + " step " + step;
      int task = random.nextInt(TASKS);
      if (waiting.containsKey(task)) {
        continue;
      }
      int operation = List.of(SH, EX, UN, UN).get(random.nextInt(4));
      FlockCall call = call(fds[task], operation);
      Result result = kernel.call(100 + task, call);
      if (result instanceof Result.Blocked) {
        waiting.put(task, call);
      } else {
        assertThat(result).as(when).isEqualTo(Result.ZERO);
      }
      returnTheGranted(kernel, waiting, when);
      check(kernel, waiting, when);
    }
  }

  private static void returnTheGranted(
      ModelKernel kernel, TreeMap<Integer, FlockCall> waiting, String when) {
    for (int task : new ArrayList<>(waiting.keySet())) {
      long key = kernel.state.task(100 + task).key();
      PendingCall pending = kernel.state.pending.get(key);
      if (pending.done()) {
        assertThat(kernel.returns(100 + task, waiting.remove(task)))
            .as(when)
            .isEqualTo(Result.ZERO);
      }
    }
  }

  /** Holders get along, and each waiter has a holder in its way. */
  private static void check(ModelKernel kernel, TreeMap<Integer, FlockCall> waiting, String when) {
    List<FileLock> holders = new ArrayList<>();
    List<FileLock> waiters = new ArrayList<>();
    kernel.state.locks.rows().forEach(l -> (l.waiting() ? waiters : holders).add(l));
    for (FileLock a : holders) {
      assertThat(holders).as(when).noneMatch(b -> b != a && b.conflicts(a));
    }
    assertThat(waiters).as(when).hasSize(waiting.size());
    for (FileLock waiter : waiters) {
      assertThat(holders).as(when).anyMatch(waiter::conflicts);
      assertThat(kernel.state.locks.get(waiter.blocker())).as(when).isNotNull();
    }
  }

  private static int[] openers(ModelKernel kernel) {
    int[] fds = new int[TASKS];
    for (int i = 0; i < TASKS; i++) {
      fds[i] = kernel.open(100 + i, "/srv/f");
    }
    return fds;
  }

  private static FlockCall call(int fd, int operation) {
    return new FlockCall(ModelKernel.fd(fd), (long) operation);
  }

  private static TreeMap<Integer, Mode> granted(ModelKernel kernel) {
    TreeMap<Integer, Mode> held = new TreeMap<>();
    for (FileLock lock : kernel.state.locks.rows()) {
      held.put(kernel.state.tasks.require(lock.task()).tid() - 100, lock.mode());
    }
    return held;
  }
}

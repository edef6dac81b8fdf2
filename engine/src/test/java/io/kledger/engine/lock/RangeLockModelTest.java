package io.kledger.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.abi.Errno;
import io.kledger.engine.Result;
import io.kledger.event.avro.FcntlCall;
import io.kledger.event.avro.RecordLock;
import io.kledger.kernel.lock.FileLock;
import io.kledger.kernel.lock.FileLock.Mode;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Record locks against one cell a byte and owner; the last cell stands for all bytes to the end.
 */
class RangeLockModelTest {
  private static final int BYTES = 40;
  private static final int F_SETLK = 6;
  private static final int F_OFD_SETLK = 37;
  private static final int[] TIDS = {100, 200, 300};

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomRequestsHoldTheBytesThatTheCellsHold(long seed) {
    Random random = new Random(seed);
    ModelKernel kernel = new ModelKernel("/srv/f");
    int[] fds = new int[TIDS.length];
    for (int i = 0; i < TIDS.length; i++) {
      fds[i] = kernel.open(TIDS[i], "/srv/f");
    }
    // owner 2i: POSIX locks of task i; owner 2i+1: those of its open file description
    Mode[][] cells = new Mode[TIDS.length * 2][BYTES];
    for (int step = 0; step < 400; step++) {
      int task = random.nextInt(TIDS.length);
      boolean ofd = random.nextBoolean();
      int owner = task * 2 + (ofd ? 1 : 0);
      int type = random.nextInt(3);
      int start = random.nextInt(BYTES);
      boolean toEnd = random.nextInt(6) == 0;
      int end = toEnd ? BYTES - 1 : start + random.nextInt(Math.min(12, BYTES - start));
      boolean reachesEnd = toEnd || end == BYTES - 1;
      FcntlCall call = call(fds[task], ofd, type, start, reachesEnd ? 0 : end - start + 1);
      String when = "seed " + seed + " step " + step;

      boolean allowed = type == 2 || free(cells, owner, type == 1, start, end);
      Result result = kernel.call(TIDS[task], call);

      if (allowed) {
        assertThat(result).as(when).isEqualTo(Result.ZERO);
        Mode mode = type == 0 ? Mode.READ : type == 1 ? Mode.WRITE : null;
        for (int b = start; b <= end; b++) {
          cells[owner][b] = mode;
        }
      } else {
        assertThat(result).as(when).isInstanceOf(Result.Failed.class);
        assertThat(((Result.Failed) result).errno()).as(when).isEqualTo(Errno.EAGAIN);
      }
      assertThat(held(kernel)).as(when).isEqualTo(rendered(cells));
    }
  }

  private static FcntlCall call(int fd, boolean ofd, int type, long start, long length) {
    RecordLock lock =
        RecordLock.newBuilder()
            .setType(type)
            .setWhence(0)
            .setStart(start)
            .setLength(length)
            .setPid(0L)
            .build();
    return FcntlCall.newBuilder()
        .setFd(ModelKernel.fd(fd))
        .setCommand(ofd ? F_OFD_SETLK : F_SETLK)
        .setArgument(lock)
        .build();
  }

  private static boolean free(Mode[][] cells, int owner, boolean write, int start, int end) {
    for (int other = 0; other < cells.length; other++) {
      for (int b = start; b <= end && other != owner; b++) {
        if (cells[other][b] == Mode.WRITE || write && cells[other][b] != null) {
          return false;
        }
      }
    }
    return true;
  }

  /** The cells as runs of equal bytes: `READ 3 7`, one line a run, in order. */
  private static String rendered(Mode[][] cells) {
    TreeSet<String> lines = new TreeSet<>();
    for (int owner = 0; owner < cells.length; owner++) {
      for (int b = 0; b < BYTES; b++) {
        Mode mode = cells[owner][b];
        if (mode != null && (b == 0 || cells[owner][b - 1] != mode)) {
          int end = b;
          while (end + 1 < BYTES && cells[owner][end + 1] == mode) {
            end++;
          }
          lines.add(line(owner % 2 == 1, TIDS[owner / 2], mode, b, end));
        }
      }
    }
    return String.join("\n", lines);
  }

  private static String line(boolean ofd, int tid, Mode mode, long start, long end) {
    return "%s of %d %s %02d %s"
        .formatted(ofd ? "OFD" : "POSIX", tid, mode, start, end == BYTES - 1 ? "EOF" : end);
  }

  private static String held(ModelKernel kernel) {
    TreeSet<String> lines = new TreeSet<>();
    int count = 0;
    for (FileLock lock : kernel.state.locks.rows()) {
      boolean ofd = lock.type() == FileLock.Type.OFDLCK;
      int tid = kernel.state.tasks.require(lock.task()).tid();
      long end = lock.end() == FileLock.EOF ? BYTES - 1 : lock.end();
      lines.add(line(ofd, tid, lock.mode(), lock.start(), end));
      count++;
    }
    assertThat(lines).as("no two rows are the same").hasSize(count);
    return String.join("\n", lines);
  }
}

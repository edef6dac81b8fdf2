package io.kledger.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.event.avro.Event;
import io.kledger.event.avro.Marker;
import io.kledger.log.Cursor;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadAheadTest {
  @Test
  void givesEveryEventInOrderAndNoneAfterTheStretch() {
    Numbered log = new Numbered(100_000, Long.MAX_VALUE);
    try (ReadAhead ahead = new ReadAhead(log, 70_001)) {
      for (long position = 1; position <= 70_001; position++) {
        assertThat(ahead.next().getPosition()).isEqualTo(position);
      }
      assertThat(ahead.next()).isNull();
      assertThat(ahead.next()).isNull();
    }
    assertThat(log.position()).isEqualTo(70_002);
  }

  @Test
  void endsWhereTheLogEnds() {
    try (ReadAhead ahead = new ReadAhead(new Numbered(300, Long.MAX_VALUE), 1_000)) {
      long last = 0;
      for (Event event = ahead.next(); event != null; event = ahead.next()) {
        last = event.getPosition();
      }
      assertThat(last).isEqualTo(300);
    }
  }

  @Test
  void givesWhatIsGoodBeforeTheFailure() {
    try (ReadAhead ahead = new ReadAhead(new Numbered(10_000, 5_000), 10_000)) {
      for (long position = 1; position < 5_000; position++) {
        assertThat(ahead.next().getPosition()).isEqualTo(position);
      }
      assertThatThrownBy(ahead::next).hasMessage("damaged at 5000");
      assertThatThrownBy(ahead::next).hasMessage("damaged at 5000");
    }
  }

  @Test
  void readsAheadNoFurtherThanItsBoundAndEndsWhenClosed() throws InterruptedException {
    Numbered log = new Numbered(1_000_000, Long.MAX_VALUE);
    try (ReadAhead ahead = new ReadAhead(log, 1_000_000)) {
      assertThat(ahead.next().getPosition()).isEqualTo(1);
      Thread.sleep(50);
    }
    long read = log.position();
    assertThat(read).isLessThan(10_000);
    Thread.sleep(50);
    assertThat(log.position()).isEqualTo(read);
  }

  /** Events that say nothing but their position. */
  private static final class Numbered implements Cursor {
    private final long end;
    private final long damagedAt;
    private final AtomicLong next = new AtomicLong(1);

    Numbered(long end, long damagedAt) {
      this.end = end;
      this.damagedAt = damagedAt;
    }

    @Override
    public Event next() {
      long position = next.get();
      if (position == damagedAt) {
        throw new IllegalStateException("damaged at " + position);
      }
      if (position > end) {
        return null;
      }
      next.incrementAndGet();
      return new Event(position, 0L, 0L, 1, 0, 0L, new Marker("m"));
    }

    @Override
    public Event await(Duration timeout) {
      return next();
    }

    @Override
    public long position() {
      return next.get();
    }

    @Override
    public void close() {}
  }
}

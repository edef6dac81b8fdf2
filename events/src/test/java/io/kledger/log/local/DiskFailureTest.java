package io.kledger.log.local;

import static io.kledger.log.local.LogFixture.M;
import static io.kledger.log.local.LogFixture.append;
import static io.kledger.log.local.LogFixture.assertHolds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.LogOptions;
import io.kledger.log.SampleEvents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFailureTest {

  private final List<String> notices = new ArrayList<>();
  private final LogOptions options =
      LogFixture.SMALL.withSync(true).withSegmentBytes(3000).withNotices(notices::add);

  @TempDir Path directory;

  /**
   * Whatever the byte at which the disk becomes full: what was acknowledged is there, and no more.
   */
  @Test
  void aFullDiskKeepsWhatWasAcknowledged() {
    for (int bytes = 0; bytes < 9000; bytes += 113) {
      var disk = new FailingDisk();
      int limit = bytes;
      failing(
          directory.resolve("full" + bytes),
          disk,
          () -> disk.fullAfter(limit),
          "No space left on device");
    }
  }

  @Test
  void aFailedSyncAcknowledgesNothing() {
    for (int forces = 0; forces < 12; forces++) {
      var disk = new FailingDisk();
      int limit = forces;
      failing(
          directory.resolve("force" + forces),
          disk,
          () -> disk.forceFailsAfter(limit),
          "Input/output error");
    }
  }

  private void failing(Path at, FailingDisk disk, Runnable arm, String why) {
    long acknowledged;
    try (var log = LocalEventLog.open(new LedgerUri.Directory(at), options, disk)) {
      append(log, 20);
      var appender = log.appender(M);
      arm.run();
      assertThatThrownBy(
              () -> {
                while (appender.next() < 100_000) {
                  appender.append(SampleEvents.nth(appender.next()));
                  if (appender.next() % 10 == 0) {
                    appender.commit();
                  }
                }
              })
          .isInstanceOf(LogException.Failed.class)
          .hasMessageContaining(why)
          .hasMessageContaining("events up to " + appender.committed() + " are safe");
      acknowledged = appender.committed();
      assertThat(acknowledged).isGreaterThanOrEqualTo(20);
      assertThatThrownBy(() -> appender.append(SampleEvents.nth(1)))
          .isInstanceOf(LogException.Failed.class);
      assertHolds(log, acknowledged);
      appender.close();
    }
    try (var log = LogFixture.open(at, options)) {
      assertHolds(log, acknowledged);
      append(log, acknowledged + 30);
      assertHolds(log, acknowledged + 30);
    }
  }
}

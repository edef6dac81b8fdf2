package io.kledger.log.local;

import static io.kledger.log.local.LogFixture.M;
import static io.kledger.log.local.LogFixture.SMALL;
import static io.kledger.log.local.LogFixture.append;
import static io.kledger.log.local.LogFixture.assertHolds;
import static io.kledger.log.local.LogFixture.copy;
import static io.kledger.log.local.LogFixture.files;
import static io.kledger.log.local.LogFixture.lastSegment;
import static io.kledger.log.local.LogFixture.open;
import static io.kledger.log.local.LogFixture.readAll;
import static io.kledger.log.local.LogFixture.torn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.kledger.log.LogException;
import io.kledger.log.LogOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamageTest {

  @TempDir Path directory;

  private final List<String> notices = new ArrayList<>();
  private final LogOptions options = SMALL.withNotices(notices::add);

  /** A crash left any part of the last batch behind: it is cut off, kept, and the log goes on. */
  @Test
  void tornTailIsCutBackAtEveryByte() throws Exception {
    var whole = directory.resolve("whole");
    var before = acknowledgedThenOneMoreBatch(whole);
    byte[] segment = Files.readAllBytes(lastSegment(whole));
    for (int length = before.size; length < segment.length; length++) {
      var copy = directory.resolve("cut" + length);
      copy(whole, copy);
      Files.write(lastSegment(copy), Arrays.copyOf(segment, length));
      Files.write(files(copy).end(), before.end);
      notices.clear();
      try (var log = open(copy, options)) {
        assertHolds(log, 40);
        append(log, 45);
        assertHolds(log, 45);
      }
      if (length == before.size) {
        assertThat(notices).isEmpty();
        assertThat(torn(copy)).isEmpty();
      } else {
        assertThat(notices).singleElement().asString().contains("after position 40");
        assertThat(Files.readAllBytes(torn(copy).getFirst()))
            .isEqualTo(Arrays.copyOfRange(segment, before.size, length));
      }
    }
  }

  /** What a crash left is a whole batch: it was not acknowledged, but it is good, and is kept. */
  @Test
  void aWholeBatchThatWasNotAcknowledgedIsKept() throws Exception {
    var before = acknowledgedThenOneMoreBatch(directory);
    Files.write(files(directory).end(), before.end);
    try (var log = open(directory, options)) {
      assertHolds(log, 40);
      append(log, 43);
      assertHolds(log, 43);
    }
    assertThat(notices).isEmpty();
  }

  /** Power failure: the note of the end is of an earlier boot, or gone. The segments count. */
  @Test
  void withoutTheNoteOfTheEndTheSegmentsCount() throws Exception {
    acknowledgedThenOneMoreBatch(directory);
    Files.delete(files(directory).end());
    try (var log = open(directory, options)) {
      assertHolds(log, 42);
    }
    byte[] segment = Files.readAllBytes(lastSegment(directory));
    Files.write(lastSegment(directory), Arrays.copyOf(segment, segment.length + 4096));
    try (var log = open(directory, options)) {
      assertHolds(log, 42);
      append(log, 50);
      assertHolds(log, 50);
    }
    assertThat(notices).singleElement().asString().contains("cut 4096 bytes");
  }

  /** Acknowledged events were cut off from outside: the rest is used, and the loss is said. */
  @Test
  void aSegmentCutShortFromOutsideIsReported() throws Exception {
    acknowledgedThenOneMoreBatch(directory);
    byte[] segment = Files.readAllBytes(lastSegment(directory));
    Files.write(lastSegment(directory), Arrays.copyOf(segment, segment.length - 3));
    try (var log = open(directory, options)) {
      assertHolds(log, 40);
      assertThat(notices)
          .singleElement()
          .asString()
          .contains("events 41 to 42 were acknowledged but are not there");
      notices.clear();
      append(log, 44);
      assertThat(notices).hasSize(2);
      assertThat(notices.get(1)).contains("events 41 to 42 had been acknowledged and are lost");
      assertHolds(log, 44);
    }
  }

  /** One flipped bit anywhere is found, by readers and by the next writer. */
  @Test
  void flippedBitsAreRefused() throws Exception {
    try (var log = open(directory, options)) {
      append(log, 60);
    }
    var path = lastSegment(directory);
    byte[] sound = Files.readAllBytes(path);
    var seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < 400; i++) {
      int at = i < 120 ? i : random.nextInt(sound.length);
      byte[] damaged = sound.clone();
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(path, damaged);
      try (var log = open(directory, options)) {
        var reading = catchThrowable(() -> readAll(log, 1));
        var writing = catchThrowable(() -> log.appender(M).close());
        for (var thrown : List.of(reading == null ? "" : reading, writing == null ? "" : writing)) {
          assertThat(thrown)
              .as("byte %d, seed %d", at, seed)
              .isInstanceOf(LogException.Damaged.class);
          assertThat(((LogException.Damaged) thrown).offset()).isLessThanOrEqualTo(at);
          assertThat(((LogException.Damaged) thrown).position()).isBetween(1L, 60L);
          assertThat(((Throwable) thrown).getMessage()).contains(path.toString(), "restore");
        }
      }
    }
    assertThat(Files.readAllBytes(path)).hasSameSizeAs(sound);
    assertThat(torn(directory)).isEmpty();
  }

  @Test
  void eventsBesideTheDamageStayReadable() throws Exception {
    try (var log = open(directory, options)) {
      append(log, 200);
    }
    var path = lastSegment(directory);
    byte[] bytes = Files.readAllBytes(path);
    bytes[bytes.length / 2] ^= 4;
    Files.write(path, bytes);
    try (var log = open(directory, options)) {
      var damaged = (LogException.Damaged) catchThrowable(() -> readAll(log, 1));
      assertThat(damaged.getMessage()).containsPattern("the next sound one is at byte \\d+");
      long next = Long.parseLong(damaged.getMessage().replaceAll(".*read on from position ", ""));
      assertThat(next).isGreaterThan(damaged.position());
      assertThat(readAll(log, next)).hasSize((int) (200 - next + 1));
    }
  }

  @Test
  void missingAndDoubledSegmentsAreRefused() throws Exception {
    try (var log = open(directory, options.withSegmentBytes(1500))) {
      append(log, 300);
    }
    var files = files(directory);
    var segments = files.segments();
    assertThat(segments.length).isGreaterThan(4);
    var second = files.segment(segments[1]);
    var aside = directory.resolve("aside");
    Files.move(second, aside);
    try (var log = open(directory, options)) {
      assertThatThrownBy(() -> log.appender(M))
          .isInstanceOf(LogException.Damaged.class)
          .hasMessageContaining("gap: events " + segments[1] + " to " + (segments[2] - 1));
      assertThatThrownBy(() -> readAll(log, 1))
          .isInstanceOf(LogException.Damaged.class)
          .hasMessageContaining("there is none that begins with " + segments[1]);
    }
    Files.move(aside, second);
    Files.copy(second, files.segment(segments[1] + 1));
    try (var log = open(directory, options)) {
      assertThatThrownBy(() -> log.appender(M)).isInstanceOf(LogException.Damaged.class);
    }
    Files.delete(files.segment(segments[1] + 1));
    Files.delete(files.segment(1));
    try (var log = open(directory, options)) {
      assertThatThrownBy(() -> readAll(log, 1)).isInstanceOf(LogException.Damaged.class);
    }
  }

  @Test
  void aSegmentThatWasNotFinishedWhenItWasCreatedIsSetAside() throws Exception {
    try (var log = open(directory, options)) {
      append(log, 30);
    }
    Files.write(files(directory).segment(31), new byte[] {0x4b, 0x4c});
    try (var log = open(directory, options)) {
      assertHolds(log, 30);
      append(log, 35);
      assertHolds(log, 35);
    }
    assertThat(notices).singleElement().asString().contains("segment 31 was not finished");
  }

  @Test
  void aLogWhoseSegmentsAreGoneIsNotBegunAgain() throws Exception {
    try (var log = open(directory, options)) {
      append(log, 30);
    }
    Files.delete(lastSegment(directory));
    try (var log = open(directory, options)) {
      assertThatThrownBy(() -> log.appender(M))
          .isInstanceOf(LogException.Damaged.class)
          .hasMessageContaining("events 1 to 30 were acknowledged");
    }
  }

  private record Before(int size, byte[] end) {}

  /** Events 1 to 40 acknowledged, 41 and 42 in one more batch. */
  private Before acknowledgedThenOneMoreBatch(Path at) throws IOException {
    try (var log = open(at, options)) {
      append(log, 40);
    }
    var before = new Before((int) Files.size(lastSegment(at)), Files.readAllBytes(files(at).end()));
    try (var log = open(at, options)) {
      append(log, 42);
    }
    return before;
  }
}

package io.kledger.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LockComparisonTest {
  private static final String READ = "1: FLOCK  ADVISORY  READ 6 00:35:2 0 EOF";
  private static final String WAITS = "1: -> FLOCK  ADVISORY  WRITE 7 00:35:2 0 EOF";
  private static final String WAITS_BEHIND = "1:  -> FLOCK  ADVISORY  WRITE 9 00:35:2 0 EOF";
  private static final String OTHER = "4: POSIX  ADVISORY  WRITE 8 fe:00:9 10 20";

  private static String difference(List<String> expected, List<String> actual) {
    return new LockComparison(new Renaming("device"), new Renaming("file"))
        .difference(expected, actual);
  }

  @Test
  void ordinalsAndTheOrderOfUnrelatedLocksDoNotCount() {
    assertThat(
            difference(
                List.of(READ, WAITS, WAITS_BEHIND, OTHER),
                List.of(
                    OTHER.replace("4:", "1:"),
                    READ.replace("1:", "2:"),
                    WAITS.replace("1:", "2:"),
                    WAITS_BEHIND.replace("1:", "2:"))))
        .isNull();
  }

  @Test
  void anonymousMinorsMayHaveOtherNames() {
    assertThat(difference(List.of(READ), List.of(READ.replace("00:35", "00:21")))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "POSIX,FLOCK",
    "WRITE,READ",
    "' 8 ',' 9 '",
    "fe:00:9,fe:00:8",
    "fe:00,fe:01",
    "10 20,10 21",
    "10 20,10 EOF"
  })
  void everyFieldCounts(String part, String wrong) {
    assertThat(difference(List.of(OTHER), List.of(OTHER.replace(part, wrong))))
        .contains("1 lock(s) missing, 1 too many");
  }

  @Test
  void aWaiterBelongsToItsLock() {
    // given a second lock that could have the waiter just as well
    List<String> expected = List.of(READ, WAITS, OTHER);
    assertThat(difference(expected, List.of(READ, OTHER, WAITS))).isNotNull();
    assertThat(difference(expected, List.of(READ, OTHER))).isNotNull();
    assertThat(
            difference(
                List.of(READ, WAITS, WAITS_BEHIND),
                List.of(READ, WAITS, WAITS_BEHIND.replace("  ->", " ->"))))
        .isNotNull();
  }

  @Test
  void aFileWhoseNumberIsNotKnownIsOneFileAllTheSame() {
    String other = READ.replace(":2 ", ":3 ");
    // given two locks of two files
    List<String> expected = List.of(READ, other);
    assertThat(
            difference(
                expected, List.of(READ.replace(":2 ", ":?77 "), READ.replace(":2 ", ":?78 "))))
        .isNull();
    assertThat(
            difference(
                expected, List.of(READ.replace(":2 ", ":?77 "), READ.replace(":2 ", ":?77 "))))
        .isNotNull();
  }

  @Test
  void equalLocksAreCounted() {
    assertThat(difference(List.of(READ, READ), List.of(READ))).contains("1 lock(s) missing");
  }
}

package io.kledger.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountComparisonTest {
  private static final String ROOT = "65 42 0:46 / / rw,relatime - tmpfs root rw,mode=755";
  private static final String USR =
      "113 65 254:0 /usr /usr ro,relatime shared:7 master:3 - ext4 /dev/vda rw,discard";

  private final Renaming mounts = new Renaming("mount");
  private final MountComparison comparison =
      new MountComparison(
          mounts, new Renaming("peer group"), new Renaming("device"), java.util.Set.of());

  private String difference(String... actual) {
    return comparison.difference(List.of(ROOT, USR), List.of(actual));
  }

  @Test
  void idsPeerGroupsAndAnonymousMinorsMayHaveOtherNames() {
    assertThat(
            difference(
                "1 1 0:9 / / rw,relatime - tmpfs root rw,mode=755",
                "2 1 254:0 /usr /usr ro,relatime shared:70 master:30 - ext4 /dev/vda rw,discard"))
        .isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "113 65 254:1 /usr /usr ro,relatime shared:7 master:3 - ext4 /dev/vda rw,discard",
        "113 65 254:0 /us /usr ro,relatime shared:7 master:3 - ext4 /dev/vda rw,discard",
        "113 65 254:0 /usr /ur ro,relatime shared:7 master:3 - ext4 /dev/vda rw,discard",
        "113 65 254:0 /usr /usr rw,relatime shared:7 master:3 - ext4 /dev/vda rw,discard",
        "113 65 254:0 /usr /usr ro,relatime master:3 shared:7 - ext4 /dev/vda rw,discard",
        "113 65 254:0 /usr /usr ro,relatime shared:7 - ext4 /dev/vda rw,discard",
        "113 65 254:0 /usr /usr ro,relatime shared:7 master:7 - ext4 /dev/vda rw,discard",
        "113 65 254:0 /usr /usr ro,relatime shared:7 master:3 unbindable - ext4 /dev/vda"
            + " rw,discard",
        "113 65 254:0 /usr /usr ro,relatime shared:7 master:3 - ext3 /dev/vda rw,discard",
        "113 65 254:0 /usr /usr ro,relatime shared:7 master:3 - ext4 /dev/vdb rw,discard",
        "113 65 254:0 /usr /usr ro,relatime shared:7 master:3 - ext4 /dev/vda rw",
        "113 113 254:0 /usr /usr ro,relatime shared:7 master:3 - ext4 /dev/vda rw,discard",
        "65 65 254:0 /usr /usr ro,relatime shared:7 master:3 - ext4 /dev/vda rw,discard"
      })
  void everyOtherWordCounts(String line) {
    assertThat(difference(ROOT, line)).contains("line 2");
  }

  @Test
  void theOrderOfLinesCounts() {
    assertThat(difference(USR, ROOT)).contains("line 1");
  }

  @Test
  void missingAndSurplusLinesAreNamed() {
    assertThat(difference(ROOT)).contains("1 line(s) are missing").contains("/usr");
    assertThat(difference(ROOT, USR, USR)).contains("1 line(s) too many");
  }

  @Test
  void aRenamingHoldsUntilWhatItNamesIsGone() {
    // given 113 of the kernel is 2 of the engine
    assertThat(difference(ROOT, USR.replaceFirst("113", "2"))).isNull();
    // when the engine calls it 3, that is an error
    assertThat(difference(ROOT, USR.replaceFirst("113", "3"))).contains("113 was 2 before");
    // unless the mount is gone
    mounts.remember(id -> id);
    mounts.endWhere(meaning -> meaning.equals("2"));
    assertThat(difference(ROOT, USR.replaceFirst("113", "3"))).isNull();
  }
}

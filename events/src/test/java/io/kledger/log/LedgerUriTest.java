package io.kledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LedgerUriTest {

  @Test
  void directoriesAreWrittenInSeveralWays() {
    var expected = new LedgerUri.Directory(Path.of("/var/lib/k"));
    assertThat(LedgerUri.parse("/var/lib/k")).isEqualTo(expected);
    assertThat(LedgerUri.parse("file:///var/lib/k")).isEqualTo(expected);
    assertThat(LedgerUri.parse("a b:c")).isEqualTo(new LedgerUri.Directory(Path.of("a b:c")));
  }

  @Test
  void kafkaHasServersAndAPrefix() {
    assertThat(LedgerUri.parse("kafka://h:9092/p")).isEqualTo(new LedgerUri.Kafka("h:9092", "p"));
    assertThat(LedgerUri.parse("kafka://h:9092,[::1]:1/"))
        .isEqualTo(new LedgerUri.Kafka("h:9092,[::1]:1", "kledger"));
  }

  @Test
  void whatIsWrongIsSaid() {
    for (var text :
        new String[] {
          "", "kafka:h", "kafka://", "kafka://h", "kafka://h:1/a/b", "http://h/p", "file://%zz"
        }) {
      assertThatThrownBy(() -> LedgerUri.parse(text))
          .as(text)
          .isInstanceOf(LogException.BadUri.class)
          .hasMessageContaining("address");
    }
  }
}

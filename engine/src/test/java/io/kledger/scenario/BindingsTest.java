package io.kledger.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BindingsTest {
  private final Bindings bindings = new Bindings();

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a _ c; a bbb c; true",
        "a _ c; a b b c; false",
        "3 -> socket:[_] O_RDWR|O_CLOEXEC; 3 ->  socket:[77] O_RDWR|O_CLOEXEC; true",
        "O_RDONLY; OxRDONLY; false",
        "a.c; abc; false",
        "$x $x; 5 5; true",
        "$x $x; 5 6; false",
        "0:$d /; 0:46 /; true"
      })
  void openPlacesStandForRunsWithoutBlanks(String expected, String actual, boolean matches) {
    assertThat(bindings.matches(expected, actual)).isEqualTo(matches);
  }

  @Test
  void aNameKeepsItsValue() {
    assertThat(bindings.matches("$id rw", "12 rw")).isTrue();
    assertThat(bindings.get("id")).isEqualTo("12");
    assertThat(bindings.matches("$id ro", "13 ro")).isFalse();
    assertThat(bindings.substitute("statmount({mnt_id=$id, x=$other})"))
        .isEqualTo("statmount({mnt_id=12, x=$other})");
  }

  @Test
  void aMismatchBindsNothing() {
    assertThat(bindings.matches("$id rw", "12 ro")).isFalse();
    assertThat(bindings.get("id")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "5s,5000000000",
    "1.5s,1500000000",
    "200ms,200000000",
    "2min,120000000000",
    "7us,7000"
  })
  void durations(String text, long nanos) {
    assertThat(ModelClock.duration(text)).isEqualTo(nanos);
  }

  @Test
  void whatIsNoDurationIsRefused() {
    assertThatThrownBy(() -> ModelClock.duration("5 parsecs"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no duration");
    assertThatThrownBy(() -> ModelClock.duration("s")).isInstanceOf(IllegalArgumentException.class);
  }
}

package io.kledger.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterTest {
  private static final Map<String, String> MOUNT =
      Map.of("evt.type", "mount", "evt.num", "17", "proc.name", "systemd", "fd.name", "/run/x");

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "evt.type=mount; true",
        "evt.type = umount2; false",
        "evt.type != umount2; true",
        "evt.type in (mount,umount2) and proc.name=systemd; true",
        "evt.type in (umount2, close); false",
        "not evt.type in (umount2, close); true",
        "not not evt.type=mount; true",
        "evt.num > 9; true",
        "evt.num >= 17 and evt.num <= 17; true",
        "evt.num < 9; false",
        "fd.name contains run; true",
        "fd.name startswith /ru; true",
        "fd.name startswith run; false",
        "fd.num exists; false",
        "fd.name exists; true",
        "fd.num = 3; false",
        "fd.num != 3; true",
        "evt.type=close or evt.type=mount and evt.num=17; true",
        "(evt.type=close or evt.type=mount) and evt.num=18; false",
        "proc.name=\"systemd\"; true",
        "''; true"
      })
  void filters(String filter, boolean matches) {
    assertThat(Filter.parse(filter).matches(MOUNT::get)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "evt.tipe=mount; column 1: expected a field",
        "evt.type; column 9: expected =",
        "evt.type =; column 11: expected a value",
        "evt.type in mount; column 13: expected `(`",
        "evt.type=a evt.num=1; column 12: expected `and`",
        "(evt.type=a; column 12: expected `)`",
        "evt.type=\"a; column 10: the closing quote"
      })
  void errorsNameTheirPlace(String filter, String message) {
    assertThatThrownBy(() -> Filter.parse(filter))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aDeepFilterIsAnErrorAndNoOverflow() {
    assertThatThrownBy(() -> Filter.parse("(".repeat(100_000))).isInstanceOf(FilterException.class);
  }

  @Test
  void saysWhichFieldsItUses() {
    assertThat(Filter.parse("evt.num=1 and not proc.name=x").uses("proc.name")).isTrue();
    assertThat(Filter.parse("evt.num=1").uses("proc.name")).isFalse();
  }
}

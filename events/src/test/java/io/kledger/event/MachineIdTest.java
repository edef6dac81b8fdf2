package io.kledger.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MachineIdTest {

  @Test
  void namesAreSafeAsFileNames() {
    for (var name : new String[] {"a", "web-1.example.org", "_x", "0", "x".repeat(128)}) {
      assertThat(MachineId.of(name).toString()).isEqualTo(name);
      assertThat(MachineId.isValid(name)).isTrue();
    }
    for (var name : new String[] {"", ".", "..", "-x", "a/b", "a b", "é", "a\0", "x".repeat(129)}) {
      assertThat(MachineId.isValid(name)).isFalse();
      assertThatThrownBy(() -> MachineId.of(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("machine name");
    }
  }

  @Test
  void anyTextHasANearestName() {
    assertThat(MachineId.sanitized("../étc passwd").name())
        .isEqualTo("_./_tc_passwd".replace('/', '_'));
    assertThat(MachineId.sanitized("").name()).isEqualTo("_");
    assertThat(MachineId.sanitized("x".repeat(300)).name()).hasSize(128);
  }
}

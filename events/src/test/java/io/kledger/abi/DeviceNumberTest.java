package io.kledger.abi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceNumberTest {
  /** Values of makedev(3) of the C library. */
  @ParameterizedTest
  @CsvSource({"0,53,53", "254,0,65024", "8,1,2049", "0,1048575,4293918975", "4095,256,2096896"})
  void isWhatMakedevMakes(int major, int minor, long device) {
    assertThat(DeviceNumber.of(major, minor)).isEqualTo(device);
    assertThat(DeviceNumber.major(device)).isEqualTo(major);
    assertThat(DeviceNumber.minor(device)).isEqualTo(minor);
    assertThat(DeviceNumber.text(device)).isEqualTo(major + ":" + minor);
  }
}

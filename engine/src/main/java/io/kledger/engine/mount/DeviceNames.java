package io.kledger.engine.mount;

import io.kledger.event.Bytes;

/** Numbers of block devices that their usual names tell, where the node itself was never seen. */
final class DeviceNames {
  private static final String LOOP = "/dev/loop";
  private static final int LOOP_MAJOR = 7;

  private DeviceNames() {}

  /** 0 if the name tells nothing. */
  static int major(Bytes name) {
    return name != null && minorText(name).matches("[0-9]{1,4}") ? LOOP_MAJOR : 0;
  }

  static int minor(Bytes name) {
    return major(name) == 0 ? 0 : Integer.parseInt(minorText(name));
  }

  private static String minorText(Bytes name) {
    String text = name.latin1();
    return text.startsWith(LOOP) ? text.substring(LOOP.length()) : "";
  }
}

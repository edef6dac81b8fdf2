package io.kledger.abi;

/**
 * Device numbers as one word: dev_t of the C library, as makedev(3) puts it together. The kernel's
 * own word is narrower; what strace and /proc print is MAJOR and MINOR.
 */
public final class DeviceNumber {
  private DeviceNumber() {}

  /** One word of both numbers. */
  public static long of(long major, long minor) {
    return minor & 0xff | (major & 0xfff) << 8 | (minor & ~0xffL) << 12 | (major & ~0xfffL) << 32;
  }

  public static int major(long device) {
    return (int) (device >>> 8 & 0xfff | device >>> 32 & ~0xfffL);
  }

  public static int minor(long device) {
    return (int) (device & 0xff | device >>> 12 & ~0xffL);
  }

  /** {@code MAJOR:MINOR}, decimal. */
  public static String text(long device) {
    return major(device) + ":" + minor(device);
  }
}

package io.kledger.engine.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.abi.Errno;
import io.kledger.engine.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hostile arguments and deep trees: refused with the kernel's errno, and nothing breaks. */
class MountLimitsTest {
  private static final String LONG_NAME = "/" + "n".repeat(255);

  private final MountBench bench = new MountBench();

  private static int errno(Result result) {
    return result instanceof Result.Failed failed ? failed.errno() : 0;
  }

  @Test
  void pathsOfMoreThan4095Bytes() {
    String path = "/mnt" + LONG_NAME.repeat(16);

    assertThat(errno(bench.tmpfs("t", path))).isEqualTo(Errno.ENAMETOOLONG);
    assertThat(errno(bench.tmpfs("t", "/mnt/" + "n".repeat(256)))).isEqualTo(Errno.ENAMETOOLONG);
    assertThat(errno(bench.umount(path, 0))).isEqualTo(Errno.ENAMETOOLONG);
  }

  @Test
  void aPathOf4095BytesIsPrintedWhole() {
    StringBuilder path = new StringBuilder("/mnt");
    while (path.length() + 256 <= 4095) {
      path.append(LONG_NAME);
      assertThat(errno(bench.mkdir(path.toString()))).isZero();
    }
    String last = path + "/" + "z".repeat(4095 - path.length() - 1);
    assertThat(errno(bench.mkdir(last))).isZero();

    assertThat(errno(bench.tmpfs("deep", last))).isZero();

    assertThat(last).hasSize(4095);
    assertThat(bench.mountinfo()).last().asString().contains(" " + last + " rw,relatime - tmpfs");
  }

  @Test
  void namesThatWouldBreakALine() {
    bench.mkdir("/mnt/a b\nc\\d#e\tf");

    bench.tmpfs("x y\n#", "/mnt/a b\nc\\d#e\tf");

    List<String> lines = bench.mountinfo();
    assertThat(lines)
        .last()
        .asString()
        .contains(" /mnt/a\\040b\\012c\\134d#e\\011f ")
        .endsWith(" - tmpfs x\\040y\\012\\043 rw");
  }

  @Test
  void aStackOfAThousandMounts() {
    for (int i = 0; i < 1000; i++) {
      assertThat(errno(bench.tmpfs("t" + i, "/mnt"))).isZero();
    }
    assertThat(bench.mountinfo()).last().asString().contains(" /mnt ").contains(" t999 ");
    for (int i = 0; i < 1000; i++) {
      assertThat(errno(bench.umount("/mnt", 0))).isZero();
    }
    assertThat(errno(bench.umount("/mnt", 0))).isEqualTo(Errno.EINVAL);
  }

  @Test
  void aMountIsNotMovedIntoItself() {
    bench.tmpfs("t", "/mnt");
    bench.mkdir("/mnt/in");
    bench.tmpfs("u", "/mnt/in");

    assertThat(errno(bench.move("/mnt", "/mnt/in"))).isEqualTo(Errno.ELOOP);
    assertThat(errno(bench.moveBeneath("/mnt", "/mnt/in"))).isEqualTo(Errno.ELOOP);
  }
}

package io.kledger.engine.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.engine.Result;
import io.kledger.kernel.mount.Mount;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The tables of shared subtrees, cell by cell: every type before, every request, what comes of it.
 */
class PropagationTypeTest {
  private final MountBench bench = new MountBench();

  @BeforeEach
  void directories() {
    for (String path : new String[] {"/mnt/x", "/mnt/m", "/mnt/p", "/mnt/d", "/mnt/e"}) {
      assertThat(bench.mkdir(path)).isEqualTo(Result.ZERO);
    }
  }

  /**
   * Makes /mnt/x a mount of this kind; a master, where it has one, is at /mnt/m, a peer at /mnt/p.
   */
  private void given(String kind) {
    boolean slave = kind.contains("slave");
    assertThat(bench.tmpfs("M", slave ? "/mnt/m" : "/mnt/x")).isEqualTo(Result.ZERO);
    if (slave) {
      bench.propagation("/mnt/m", MountFlags.SHARED);
      bench.bind("/mnt/m", "/mnt/x", false);
      bench.propagation("/mnt/x", MountFlags.SLAVE);
    }
    if (kind.contains("shared")) {
      bench.propagation("/mnt/x", MountFlags.SHARED);
    }
    if (kind.contains("peers")) {
      bench.bind("/mnt/x", "/mnt/p", false);
    }
    if (kind.equals("unbindable")) {
      bench.propagation("/mnt/x", MountFlags.UNBINDABLE);
    }
  }

  /** What a mount is now, in terms of the groups there were. */
  private String kind(Mount mount, int oldGroup, int oldMaster) {
    StringBuilder text = new StringBuilder();
    if (mount.shared()) {
      text.append(mount.peerGroup() == oldGroup ? "same group" : "new group");
    }
    if (mount.slave()) {
      int group = bench.state.mounts.require(mount.master()).peerGroup();
      text.append(text.isEmpty() ? "" : " and ");
      text.append(
          group == oldGroup
              ? "slave of own group"
              : group == oldMaster ? "slave of old master" : "slave of another");
    }
    if (mount.unbindable()) {
      text.append("unbindable");
    }
    return text.isEmpty() ? "private" : text.toString();
  }

  private int masterGroup(Mount mount) {
    return mount.slave() ? bench.state.mounts.require(mount.master()).peerGroup() : -1;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          private             | SHARED     | new group
          private             | PRIVATE    | private
          private             | SLAVE      | private
          private             | UNBINDABLE | unbindable
          shared alone        | SHARED     | same group
          shared alone        | PRIVATE    | private
          shared alone        | SLAVE      | private
          shared alone        | UNBINDABLE | unbindable
          shared peers        | SHARED     | same group
          shared peers        | PRIVATE    | private
          shared peers        | SLAVE      | slave of own group
          shared peers        | UNBINDABLE | unbindable
          slave               | SHARED     | new group and slave of old master
          slave               | PRIVATE    | private
          slave               | SLAVE      | slave of old master
          slave               | UNBINDABLE | unbindable
          slave shared alone  | SHARED     | same group and slave of old master
          slave shared alone  | PRIVATE    | private
          slave shared alone  | SLAVE      | slave of old master
          slave shared alone  | UNBINDABLE | unbindable
          slave shared peers  | SHARED     | same group and slave of old master
          slave shared peers  | PRIVATE    | private
          slave shared peers  | SLAVE      | slave of own group
          slave shared peers  | UNBINDABLE | unbindable
          unbindable          | SHARED     | new group
          unbindable          | PRIVATE    | private
          unbindable          | SLAVE      | unbindable
          unbindable          | UNBINDABLE | unbindable
          """)
  void changeOfType(String before, String request, String after) {
    given(before);
    Mount mount = bench.at("/mnt/x");
    int group = mount.shared() ? mount.peerGroup() : -2;
    int master = masterGroup(mount);
    long flag =
        switch (request) {
          case "SHARED" -> MountFlags.SHARED;
          case "PRIVATE" -> MountFlags.PRIVATE;
          case "SLAVE" -> MountFlags.SLAVE;
          default -> MountFlags.UNBINDABLE;
        };

    Result result = bench.propagation("/mnt/x", flag);

    assertThat(result).isEqualTo(Result.ZERO);
    assertThat(kind(bench.at("/mnt/x"), group, master)).isEqualTo(after);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bind | shared     | private            | new group
          bind | shared     | shared alone       | same group
          bind | shared     | slave              | new group and slave of old master
          bind | shared     | slave shared alone | same group and slave of old master
          bind | shared     | unbindable         | EINVAL
          bind | not shared | private            | private
          bind | not shared | shared alone       | same group
          bind | not shared | slave              | slave of old master
          bind | not shared | slave shared alone | same group and slave of old master
          bind | not shared | unbindable         | EINVAL
          move | shared     | private            | new group
          move | shared     | shared alone       | same group
          move | shared     | slave              | new group and slave of old master
          move | shared     | slave shared alone | same group and slave of old master
          move | shared     | unbindable         | EINVAL
          move | not shared | private            | private
          move | not shared | shared alone       | same group
          move | not shared | slave              | slave of old master
          move | not shared | slave shared alone | same group and slave of old master
          move | not shared | unbindable         | unbindable
          """)
  void placedOnADestination(String operation, String destination, String source, String after) {
    given(source);
    bench.tmpfs("D", "/mnt/d");
    bench.mkdir("/mnt/d/t");
    boolean shared = destination.equals("shared");
    if (shared) {
      bench.propagation("/mnt/d", MountFlags.SHARED);
      bench.bind("/mnt/d", "/mnt/e", false);
    }
    Mount mount = bench.at("/mnt/x");
    int group = mount.shared() ? mount.peerGroup() : -2;
    int master = masterGroup(mount);
    int before = bench.mountinfo().size();

    Result result =
        operation.equals("bind")
            ? bench.bind("/mnt/x", "/mnt/d/t", false)
            : bench.move("/mnt/x", "/mnt/d/t");

    if (after.equals("EINVAL")) {
      assertThat(result).isInstanceOf(Result.Failed.class);
      assertThat(bench.mountinfo()).hasSize(before);
      return;
    }
    assertThat(result).isEqualTo(Result.ZERO);
    assertThat(kind(bench.at("/mnt/d/t"), group, master)).isEqualTo(after);
    int own = operation.equals("bind") ? 1 : 0;
    assertThat(bench.mountinfo()).hasSize(before + own + (shared ? 1 : 0));
    if (shared) {
      Mount copy = bench.at("/mnt/e/t");
      assertThat(copy.peerGroup()).isEqualTo(bench.at("/mnt/d/t").peerGroup());
    }
  }
}

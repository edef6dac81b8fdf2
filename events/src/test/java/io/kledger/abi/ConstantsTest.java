package io.kledger.abi;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.avro.Event;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class ConstantsTest {
  @Test
  void everyGroupThatASchemaNamesExists() {
    Set<String> groups = new HashSet<>();
    collect(Event.getClassSchema(), groups, new HashSet<>());
    assertThat(groups).contains("open", "mount_attr", "control_type");
    groups.forEach(Constants::group);
  }

  @Test
  void flagsPrintAsStracePrintsThem() {
    assertThat(Constants.group("open").flags(02000102)).isEqualTo("O_RDWR|O_CREAT|O_CLOEXEC");
    assertThat(Constants.group("open").flags(0)).isEqualTo("O_RDONLY");
    assertThat(Constants.group("mode").flags(0104755)).isEqualTo("S_IFREG|S_ISUID|0755");
    assertThat(Constants.group("mode").flags(0140000)).isEqualTo("S_IFSOCK|000");
    assertThat(Constants.group("access").flags(0)).isEqualTo("F_OK");
    assertThat(Constants.group("clone").flags(0x1200011))
        .isEqualTo("CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD");
    assertThat(Constants.group("move_mount").flags(0x80000004L))
        .isEqualTo("MOVE_MOUNT_F_EMPTY_PATH|0x80000000");
    assertThat(Constants.group("signal").constant(33)).isEqualTo("SIGRT_1");
    assertThat(Constants.group("umount").flags(0)).isEqualTo("0");
  }

  @Test
  void proposedNamesHaveValues() {
    for (String name :
        new String[] {
          "MOUNT_ATTR_PROPAGATE_RDONLY",
          "MOUNT_SETATTR_LOCKED",
          "SETNS_PIDFD_ALL",
          "OPEN_TREE_CLEAR",
          "AT_LINK_REPLACE",
          "IN_UNLOCK",
          "SO_RIGHTS_FILTER",
          "WNOPIDFD",
          "CLOSE_RANGE_ASYNC",
          "LO_FLAGS_IMMUTABLE",
          "PR_SET_EXEC_COMM",
          "FSCONFIG_SET_BDEV"
        }) {
      assertThat(Constants.value(name)).as(name).isNotNull();
    }
  }

  @Test
  void whatIsPrintedHasTheSameValueAgain() {
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      long value = random.nextLong() & random.nextLong() & 0xffffffffL;
      for (String group : new String[] {"open", "mount", "clone", "statx", "inotify", "msg"}) {
        long again = 0;
        for (String name : Constants.group(group).flags(value).split("\\|")) {
          Long known = Constants.value(name);
          again |= known != null ? known : Long.decode(name);
        }
        assertThat(again).as("seed %d, group %s", seed, group).isEqualTo(value);
      }
    }
  }

  @Test
  void callsHaveNumbers() {
    assertThat(SyscallNumbers.name(0x1c9)).isEqualTo("statmount");
    assertThat(SyscallNumbers.number("open_tree_attr")).isEqualTo(467);
    assertThat(SyscallNumbers.number("nonsense")).isEqualTo(-1);
    byte[] raw = "syscall_0x1ca".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    assertThat(SyscallNumbers.rawNumber(raw, 0, raw.length)).isEqualTo(458);
    assertThat(SyscallNumbers.rawNumber(raw, 1, raw.length)).isEqualTo(-1);
  }

  private static void collect(Schema schema, Set<String> groups, Set<String> seen) {
    switch (schema.getType()) {
      case UNION -> schema.getTypes().forEach(type -> collect(type, groups, seen));
      case ARRAY -> collect(schema.getElementType(), groups, seen);
      case RECORD -> {
        if (seen.add(schema.getFullName())) {
          for (Schema.Field field : schema.getFields()) {
            if (field.getProp("flags") != null) {
              groups.add(field.getProp("flags"));
            }
            if (field.getProp("const") != null) {
              groups.add(field.getProp("const"));
            }
            collect(field.schema(), groups, seen);
          }
        }
      }
      default -> {}
    }
  }
}

package io.kledger.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.kledger.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mounts under the names of statmount(2), and as a graph. */
class MountVerbsTest {
  private static final Path RECORDING = Path.of("..", "corpus", "own", "own_newmount.tar.gz");

  /** `a` and `c` are peers, `b` is a slave of theirs. */
  private static final String THEN = "--at=@130";

  @TempDir private Path directory;
  private String out;

  private int kledger(String verb, String... arguments) {
    List<String> all = new ArrayList<>(List.of(verb));
    all.addAll(Arrays.asList(arguments));
    StringWriter standard = new StringWriter();
    int status =
        Main.commandLine()
            .setOut(new PrintWriter(standard))
            .setErr(new PrintWriter(new StringWriter()))
            .execute(all.toArray(String[]::new));
    out = standard.toString();
    return status;
  }

  private String ledger() {
    return "--ledger=" + directory.resolve("ledger");
  }

  @BeforeEach
  void aRecordingWithPeersAndASlave() {
    assumeThat(RECORDING).exists();
    assertThat(kledger("import", ledger(), RECORDING.toString())).isZero();
  }

  @Test
  void statmountHasTheKernelsNames() {
    assertThat(kledger("statmount", ledger(), THEN, "-o", "jsonl", "/sandbox/a")).isZero();
    assertThat(out)
        .contains("\"fs_type\":\"tmpfs\"", "\"sb_source\":\"one\"", "\"mnt_opts\":\"size=1024k\"")
        .contains("\"mnt_attr\":[\"MOUNT_ATTR_RDONLY\",\"MOUNT_ATTR_NOSUID\"]")
        .contains("\"mnt_propagation\":[\"MS_SHARED\"]", "\"mnt_point\":\"/sandbox/a\"")
        .contains("\"locked\":false", "\"may_umount\":true");
  }

  @Test
  void withoutAPlaceItListsInTheOrderOfTheIds() {
    assertThat(kledger("statmount", ledger(), THEN)).isZero();
    List<Long> ids =
        out.lines()
            .filter(line -> line.startsWith("mnt_id: "))
            .map(line -> Long.valueOf(line.substring(8)))
            .toList();
    assertThat(ids).hasSizeGreaterThan(10).isSorted();
    assertThat(kledger("statmount", ledger(), THEN, "/nowhere")).isEqualTo(ExitCode.NOTHING);
  }

  @Test
  void theGraphShowsTreePeersAndMaster() {
    assertThat(kledger("mounts", ledger(), THEN, "--dot")).isZero();
    assertThat(out.lines().toList()).first().isEqualTo("digraph mounts {");
    assertThat(out.lines().filter(line -> line.contains("style=dashed"))).hasSize(1);
    assertThat(out.lines().filter(line -> line.contains("style=dotted"))).hasSize(1);
    assertThat(out).contains("/sandbox/a\\ntmpfs one").contains("shared:1").endsWith("}\n");
  }
}

package io.kledger.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log of auditd, sealed, reported on, compacted and carried away. */
class EvidenceVerbsTest {
  private static final String LOG =
      """
      node=a type=SYSCALL msg=audit(1700000000.001:10): arch=c000003e syscall=165 success=yes \
      exit=0 a0=1 a1=2 a2=3 a3=0 items=1 ppid=1 pid=50 uid=0 euid=0 comm="mount" exe="/bin/mount"
      node=a type=PATH msg=audit(1700000000.001:10): item=0 name="/mnt" nametype=NORMAL
      node=a type=PROCTITLE msg=audit(1700000000.001:10): \
      proctitle=6D6F756E74002D7400746D7066730078002F6D6E74
      node=b type=SYSCALL msg=audit(1700000000.002:1): arch=c000003e syscall=165 success=yes \
      exit=0 a0=1 a1=2 a2=3 a3=0 items=1 ppid=1 pid=60 uid=0 euid=0 comm="x" exe="/bin/x"
      node=b type=PATH msg=audit(1700000000.002:1): item=0 name="/srv" nametype=NORMAL
      node=a type=SYSCALL msg=audit(1700000000.005:11): arch=c000003e syscall=166 success=yes \
      exit=0 a0=1 a1=0 a2=0 a3=0 items=1 ppid=1 pid=50 uid=0 euid=0 comm="umount" exe="/bin/u"
      node=a type=PATH msg=audit(1700000000.005:11): item=0 name="/mnt" nametype=NORMAL
      """;

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

  private int on(String machine, String verb, String... arguments) {
    List<String> all =
        new ArrayList<>(List.of("--ledger=" + directory.resolve("l"), "--machine=" + machine));
    all.addAll(Arrays.asList(arguments));
    return kledger(verb, all.toArray(String[]::new));
  }

  private String file(String name) {
    return directory.resolve(name).toString();
  }

  @BeforeEach
  void aLogOfTwoMachines() throws IOException {
    Files.writeString(directory.resolve("audit.log"), LOG);
    assertThat(kledger("import", "--ledger=" + directory.resolve("l"), file("audit.log"))).isZero();
    assertThat(out).contains("machine a: ").contains("machine b: ").contains("gaps 0");
  }

  @Test
  void theMountsOfEachMachineAreThere() {
    assertThat(on("a", "log", "--object", "mount:/mnt")).isZero();
    assertThat(out.lines()).hasSize(2).first().asString().contains("\"tmpfs\"");
    assertThat(on("b", "mountinfo", "--pid", "60")).isZero();
    assertThat(out).contains(" /srv rw,relatime - ? ? rw");
  }

  @Test
  void aSealedLogIsVerifiedAndProven() throws IOException {
    assertThat(kledger("keys", "--name=host/key", file("key"))).isZero();
    assertThat(on("a", "seal", "--key", file("key"))).isZero();
    Files.writeString(directory.resolve("kept"), out);
    assertThat(on("a", "mark", "later")).isZero();
    assertThat(on("a", "verify", "--key", file("key.pub"), "--checkpoint", file("kept"))).isZero();
    assertThat(out).contains("signatures good, later events are not sealed").contains("good: ");
    assertThat(on("a", "prove", "@3")).isZero();
    Files.writeString(directory.resolve("proof"), out);
    assertThat(kledger("verify", "--proof", file("proof"), "--key", file("key.pub"))).isZero();
    assertThat(kledger("keys", "--name=host/key", file("other"))).isZero();
    assertThat(on("a", "verify", "--key", file("other.pub"))).isEqualTo(ExitCode.DIFFERENT);
    assertThat(out).startsWith("bad: @1: checkpoint 1 has no valid signature");
    assertThat(on("a", "report", "--key", file("key.pub"), "--until", "later", "mount:/mnt"))
        .isZero();
    assertThat(out).contains("<h1>Report on a</h1>").contains("as sealed: ").contains("umount2(");
  }

  @Test
  void theStateIsSealedToo() throws IOException {
    assertThat(kledger("keys", "--name=host/key", file("key"))).isZero();
    assertThat(on("a", "seal", "--key", file("key"))).isZero();
    assertThat(out).containsPattern("\nstate [0-9a-f]{16} [0-9a-f]{64}\n");
    on("a", "digest");
    String digest = out.strip().substring(out.lastIndexOf(' ') + 1);
    assertThat(on("a", "verify", "--key", file("key.pub"))).isZero();
    assertThat(out).contains("states: 1 as sealed").contains("digest " + digest);
    // A state that was never so.
    Path checkpoints = directory.resolve("l/seals/a/checkpoints");
    String text = Files.readString(checkpoints);
    String other = digest.substring(1) + (digest.startsWith("0") ? "1" : "0");
    Files.writeString(checkpoints, text.replaceAll("(state \\S+) \\S+", "$1 " + other));
    assertThat(on("a", "verify")).isEqualTo(ExitCode.DIFFERENT);
    assertThat(out).contains("the state was sealed with digest " + other);
    assertThat(on("a", "verify", "--key", file("key.pub"))).isEqualTo(ExitCode.DIFFERENT);
    assertThat(out).startsWith("bad: @1: checkpoint 1 has no valid signature");
    assertThat(on("a", "mark", "later")).isZero();
    assertThat(on("a", "seal", "--key", file("key.pub"))).isEqualTo(ExitCode.DIFFERENT);
  }

  @Test
  void compactingChangesNoAnswer() {
    on("a", "mark", "m");
    on("a", "digest");
    String digest = out;
    on("a", "mountinfo", "--pid", "50", "--at", "@4");
    String then = out;
    assertThat(then).contains("/mnt");
    assertThat(on("a", "compact", "--keep", "end")).isZero();
    on("a", "digest");
    assertThat(out).isEqualTo(digest);
    on("a", "mountinfo", "--pid", "50", "--at", "@4");
    assertThat(out).isEqualTo(then);
    assertThat(on("a", "digest", "--at", "m")).isZero();
    assertThat(on("a", "verify")).isZero();
  }

  @Test
  void linesOfJsonComeBack() {
    on("a", "digest");
    String digest = out;
    assertThat(on("a", "export", "--format=jsonl", file("e.jsonl"))).isZero();
    assertThat(kledger("import", "--ledger=" + directory.resolve("m"), file("e.jsonl"))).isZero();
    kledger("digest", "--ledger=" + directory.resolve("m"));
    assertThat(out).isEqualTo(digest);
    assertThat(on("a", "export", "--format=perfetto", file("e.json"))).isZero();
    assertThat(on("a", "export", "--format=csv", file("e.csv"))).isZero();
    assertThat(directory.resolve("e.csv")).content().startsWith("position,time,tid,type");
  }
}

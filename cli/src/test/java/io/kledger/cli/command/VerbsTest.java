package io.kledger.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.cli.Main;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
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

/** The verbs as a user calls them: what they print and how they end. */
class VerbsTest {
  private static final String TRACE =
      """
      7 1700000000.000001 execve("/bin/\\33[31mred", ["sh"], 0x7ffc /* 0 vars */) = 0
      7 1700000000.000002 openat(AT_FDCWD, "/tmp/f", O_RDWR|O_CREAT, 0600) = 3</tmp/f>
      7 1700000000.000003 flock(3</tmp/f>, LOCK_EX) = 0
      7 1700000000.000004 close(9)             = -1 EBADF (Bad file descriptor)
      """;

  @TempDir private Path directory;
  private String out;
  private String err;

  private int kledger(String verb, String... arguments) {
    List<String> all = new ArrayList<>(List.of(verb));
    all.addAll(Arrays.asList(arguments));
    StringWriter standard = new StringWriter();
    StringWriter errors = new StringWriter();
    int status =
        Main.commandLine()
            .setOut(new PrintWriter(standard))
            .setErr(new PrintWriter(errors))
            .execute(all.toArray(String[]::new));
    out = standard.toString();
    err = errors.toString();
    return status;
  }

  private String ledger() {
    return "--ledger=" + directory.resolve("ledger");
  }

  @BeforeEach
  void aLedgerWithOneTrace() throws IOException {
    Path trace = directory.resolve("web.strace");
    Files.writeString(trace, TRACE);
    assertThat(kledger("import", ledger(), trace.toString())).isZero();
    assertThat(out).contains("machine web: 4 events new, 0 known, gaps 0, rejected lines 0");
  }

  @Test
  void theSameFileAgainAddsNothing() throws IOException {
    Path copy = directory.resolve("copy.strace");
    Files.writeString(copy, TRACE);
    assertThat(kledger("import", ledger(), "--machine=web", copy.toString())).isZero();
    assertThat(out).contains("0 events new");
  }

  @Test
  void aFileThatIsNotThereLeavesNoTrace() {
    String missing = directory.resolve("missing.strace").toString();
    assertThat(kledger("import", ledger(), missing)).isEqualTo(ExitCode.USAGE);
    assertThat(err).isEqualTo("kledger: " + missing + ": no such file\n");
    assertThat(kledger("machines", ledger())).isZero();
    assertThat(out).doesNotContain("missing");
  }

  @Test
  void theStateBeforeTheChangesIsShownWhereEveryTaskIsGone() {
    assertThat(kledger("watch", ledger(), "mounts", "--initial")).isZero();
    assertThat(out).contains(" mount.state 2 1 0:1 / /proc rw,relatime - proc proc rw");
  }

  @Test
  void aFilterChoosesEvents() {
    assertThat(kledger("log", ledger(), "evt.type=close and evt.failed=true")).isZero();
    assertThat(out.lines()).singleElement().asString().startsWith("@5 7 ").contains("close(9)");
    assertThat(kledger("log", ledger(), "evt.type=mount")).isEqualTo(ExitCode.NOTHING);
    assertThat(kledger("log", ledger(), "evt.type==")).isEqualTo(ExitCode.USAGE);
    assertThat(err).contains("column");
  }

  @Test
  void namesCannotSteerTheTerminal() {
    assertThat(kledger("fds", ledger(), "-p", "7")).isZero();
    assertThat(out).contains("red").doesNotContain("\033");
    assertThat(kledger("fds", ledger(), "-p", "7", "-o", "jsonl")).isZero();
    assertThat(out).contains("\\u001b[31mred").contains("\"fd\":3").doesNotContain("\033");
  }

  @Test
  void theStateIsShownAsOfAMoment() {
    assertThat(kledger("locks", ledger(), "--at", "@3")).isEqualTo(ExitCode.NOTHING);
    assertThat(kledger("locks", ledger(), "--at", "@4", "-o", "json")).isZero();
    assertThat(out).contains("\"type\":\"FLOCK\"").contains("\"pid\":7").contains("\"since\":4");
    assertThat(kledger("locks", ledger(), "--at", "@99")).isEqualTo(ExitCode.USAGE);
    assertThat(err).contains("@99");
  }

  @Test
  void changesHaveCursorsThatGoOn() {
    assertThat(kledger("watch", ledger(), "locks")).isZero();
    assertThat(out).contains("lock.acquire path=").contains("type=FLOCK mode=WRITE");
    String cursor = out.lines().findFirst().orElseThrow().split(" ")[0];
    assertThat(kledger("watch", ledger(), "--after-cursor", cursor, "locks"))
        .isEqualTo(ExitCode.NOTHING);
    assertThat(kledger("watch", ledger(), "--after-cursor", "nonsense"))
        .isEqualTo(ExitCode.CURSOR_UNKNOWN);
    String other = cursor.replaceFirst("^[^:]*", "11111111-2222-3333-4444-555555555555");
    assertThat(kledger("watch", ledger(), "--after-cursor", other))
        .isEqualTo(ExitCode.CURSOR_OF_ANOTHER_LEDGER);
  }

  @Test
  void whyNamesTheCausingCall() {
    assertThat(kledger("why", ledger(), "fd", "7:3")).isZero();
    assertThat(out).contains("@3 ").contains("openat(");
    assertThat(kledger("why", ledger(), "fd", "7:8")).isEqualTo(ExitCode.NOTHING);
    assertThat(kledger("why", ledger(), "thing", "x")).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void theLogCanBeVerifiedAndExported() {
    assertThat(kledger("verify", ledger())).isZero();
    assertThat(out).contains("good: machine web, events 1 to 5");
    assertThat(kledger("digest", ledger())).isZero();
    String digest = out;
    String file = directory.resolve("web.avro").toString();
    assertThat(kledger("export", ledger(), file)).isZero();
    String second = "--ledger=" + directory.resolve("second");
    assertThat(kledger("import", second, file)).isZero();
    assertThat(out).contains("machine web: 5 events new");
    assertThat(kledger("import", second, file)).isZero();
    assertThat(out).contains("0 events new, 5 known");
    assertThat(kledger("digest", second)).isZero();
    assertThat(out).isEqualTo(digest);
  }

  @Test
  void aLineThatCannotBeReadIsNamed() throws IOException {
    Path bad = directory.resolve("bad.strace");
    Files.writeString(bad, "7 close(3) = 0\n7 close(((\n");
    assertThat(kledger("import", ledger(), bad.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err).contains("bad.strace:2:");
    assertThat(kledger("import", ledger(), "--salvage", bad.toString())).isZero();
    assertThat(out).contains("gaps 1, rejected lines 1");
  }

  @Test
  void diffShowsObjects() {
    assertThat(kledger("diff", ledger(), "@3", "@4")).isZero();
    assertThat(out.lines().filter(line -> line.startsWith("+ lock FLOCK of 7 on ")))
        .singleElement()
        .asString()
        .contains("MODE=WRITE");
    assertThat(kledger("diff", ledger(), "@4", "@3", "--only", "lock", "-o", "jsonl")).isZero();
    assertThat(out).contains("\"change\":\"-\"").contains("\"concept\":\"lock\"");
    assertThat(kledger("diff", ledger(), "@4", "@4")).isEqualTo(ExitCode.NOTHING);
    assertThat(kledger("diff", ledger(), "@3", "@4", "--rows")).isZero();
    assertThat(out).contains("locks");
  }

  @Test
  void historyShowsWhatEachEventMadeOfAnObject() {
    assertThat(kledger("history", ledger(), "fd", "7:3")).isZero();
    assertThat(out.lines().toList())
        .hasSize(2)
        .satisfiesExactly(
            line -> assertThat(line).startsWith("+ fd 7:3: TYPE=").contains("FLAGS=O_RDWR"),
            line -> assertThat(line).contains("@3 ").contains("openat("));
    assertThat(kledger("history", ledger(), "task", "7", "-o", "jsonl")).isZero();
    assertThat(out)
        .contains("\"before\":null,\"after\":{\"ppid\":")
        .contains("\"concept\":\"task\"")
        .doesNotContain("Task[");
    assertThat(kledger("history", ledger(), "mount", "/nowhere")).isEqualTo(ExitCode.NOTHING);
    assertThat(err).contains("no mount /nowhere at @5");
  }

  @Test
  void whyNamesAMountNamespaceAfterATaskInIt() throws IOException {
    Path recording = directory.resolve("nspawn.tar.gz");
    try (InputStream in = VerbsTest.class.getResourceAsStream("/demo/nspawn.tar.gz")) {
      Files.copy(in, recording);
    }
    String second = "--ledger=" + directory.resolve("nspawn");
    assertThat(kledger("import", second, recording.toString())).isZero();
    assertThat(kledger("why", second, "mount", "/run/host/incoming", "-N", "19", "--at=@1896"))
        .isZero();
    assertThat(out)
        .contains("in mount namespace of 19 (systemd-nspawn): copied")
        .doesNotContain("[?]");
    assertThat(kledger("history", second, "task", "19", "--at=@1896")).isZero();
    assertThat(out)
        .contains("~ task 19: PPID 18 -> 17")
        .contains("~ task 19: CGROUP /oracle -> /oracle/payload");
    assertThat(kledger("diff", second, "@1800", "@1896", "--only=cgroup", "-o", "jsonl")).isZero();
    assertThat(out).contains("\"before\":{\"procs\":[5,17,19]},\"after\":{\"procs\":[5]}");
  }

  @Test
  void whatIfAnEventHadNotBeen() {
    assertThat(kledger("whatif", ledger(), "--drop", "evt.type=flock")).isZero();
    assertThat(out)
        .contains("+++ what if --drop 'evt.type=flock'")
        .contains("@@ @4, line 3, left out @@")
        .contains("-  note lock.acquire")
        .contains("-  lock FLOCK of 7 on ");
    assertThat(kledger("whatif", ledger(), "--feature", "blobfs=off")).isEqualTo(ExitCode.NOTHING);
    assertThat(kledger("whatif", ledger())).isEqualTo(ExitCode.USAGE);
    assertThat(kledger("whatif", ledger(), "--feature", "nonsense=on")).isEqualTo(ExitCode.USAGE);
    assertThat(kledger("whatif", ledger(), "--kernel", "nonsense")).isEqualTo(ExitCode.USAGE);
    assertThat(kledger("whatif", ledger(), "--drop", "@x")).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void whatIfTheCallsOfAScenarioWereOthers() throws IOException {
    Path scenario = directory.resolve("two.strace");
    Files.writeString(
        scenario,
        """
        @file /tmp/a
        1 openat(AT_FDCWD, "/tmp/a", O_RDWR) = 3
        1 flock(3, LOCK_EX|LOCK_NB) = 0
        100 openat(AT_FDCWD, "/tmp/a", O_RDWR) = 3
        100 flock(3, LOCK_EX|LOCK_NB) = -1 EAGAIN
        """);
    String file = scenario.toString();
    assertThat(kledger("whatif", file, "--drop", "@5")).isZero();
    assertThat(out)
        .contains("@@ @5, line 3, left out @@")
        .contains("@@ @7, line 5 @@")
        .contains("-  = -1 EAGAIN")
        .contains("+  = 0")
        .contains("@@ at the end, @7 @@\n+ lock FLOCK of 100 on /tmp/a: MODE=WRITE");
    Path unlock = directory.resolve("unlock.strace");
    Files.writeString(unlock, "1 flock(3, LOCK_UN) = ?\n");
    assertThat(kledger("whatif", file, "--insert", unlock.toString(), "--at", "@6")).isZero();
    assertThat(out)
        .contains("@@ after @6, put in @@")
        .contains("LOCK_UN) = 0")
        .contains("+  note lock.release")
        .contains("+  = 0");
    assertThat(kledger("whatif", file, "--insert", unlock.toString(), "--at", "@99")).isEqualTo(2);
  }

  @Test
  void whatIfTheKernelLackedAFeature() {
    String file = "../scenarios/features/F08-propagate-rdonly/arrivals-are-read-only.strace";
    assertThat(kledger("whatif", file, "--feature", "propagate-rdonly=off")).isZero();
    assertThat(out).contains("-  = 0\n+  = -1 EINVAL").contains("-  note mount.attr path=/media");
    assertThat(kledger("whatif", file, "--kernel", "6.18", "-o", "jsonl")).isZero();
    assertThat(out).contains("\"before\":\"0\"").contains("EINVAL");
  }

  @Test
  void errorsSayWhatToDo() {
    assertThat(kledger("locks", "--ledger=" + directory.resolve("none"))).isEqualTo(2);
    assertThat(err).contains("none");
    assertThat(kledger("check", directory.resolve("none").toString())).isEqualTo(2);
    assertThat(kledger("mountinfo", ledger(), "-p", "4711")).isEqualTo(2);
    assertThat(err).contains("no task 4711").contains("kledger tasks");
    assertThat(kledger("locks", ledger(), "--at", "-5parsecs")).isEqualTo(2);
  }

  @Test
  void aScenarioPassesOrNamesTheLineThatDiffers() throws IOException {
    Path scenario = directory.resolve("s.strace");
    Files.writeString(scenario, "100 close(99) = -1 EBADF\n");
    assertThat(kledger("simulate", "--check", scenario.toString())).isZero();
    assertThat(out)
        .contains("PASS " + scenario)
        .endsWith("passed 1 failed 0" + System.lineSeparator());
    Files.writeString(scenario, "# wrong\n100 close(99) = 0\n");
    assertThat(kledger("simulate", "--check", scenario.toString())).isEqualTo(ExitCode.DIFFERENT);
    assertThat(out)
        .contains("FAIL " + scenario + ":2")
        .contains("EBADF")
        .contains("kledger simulate --check " + scenario)
        .contains("passed 0 failed 1");
    assertThat(kledger("simulate", scenario.toString())).isZero();
    assertThat(out).contains("100 close(99) = -1 EBADF");
    InputStream terminal = System.in;
    try {
      System.setIn(new ByteArrayInputStream("100 close(99) = ?\n".getBytes(UTF_8)));
      assertThat(kledger("simulate", "-")).isZero();
    } finally {
      System.setIn(terminal);
    }
    assertThat(out).contains("100 close(99) = -1 EBADF");
  }
}

package io.kledger.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kledger.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records real programs with strace, and compares what the ledger holds with what /proc said. */
class RecordCommandTest {
  @TempDir private Path directory;
  private String out;

  @BeforeAll
  static void straceMayTraceAndMount() throws IOException, InterruptedException {
    boolean works;
    try {
      works =
          new ProcessBuilder("strace", "-f", "-o", "/dev/null", "unshare", "-m", "true")
                  .redirectErrorStream(true)
                  .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                  .start()
                  .waitFor()
              == 0;
    } catch (IOException e) {
      works = false;
    }
    assumeTrue(works, "needs root, strace and unshare(1): recording is not tested here");
  }

  private int kledger(String verb, String... arguments) {
    List<String> all = new ArrayList<>(List.of(verb, "--ledger=" + directory.resolve("ledger")));
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

  /** Position and task of the last event that matches. */
  private String[] last(String filter) {
    assertThat(kledger("log", "-n", "1", filter)).as(filter).isZero();
    return out.substring(1).split(" +", 3);
  }

  @Test
  void mountsAndLocksAreWhatProcSaid() throws IOException {
    Files.createDirectory(directory.resolve("m"));
    Path script = directory.resolve("script");
    Files.writeString(
        script,
        """
        set -e
        cd %s
        mount -t tmpfs -o size=64k none m
        cat /proc/self/mountinfo > during
        flock lock cat /proc/locks > locks
        umount m
        cat /proc/self/mountinfo > after
        exit 7
        """
            .formatted(directory));
    assertThat(kledger("record", "--", "unshare", "-m", "sh", script.toString())).isEqualTo(7);

    String[] umount = last("evt.type=umount2");
    long position = Long.parseLong(umount[0]);
    assertThat(kledger("mountinfo", "-p", umount[1], "--at", "@" + (position - 1))).isZero();
    assertThat(renamed(out)).isEqualTo(renamed(read("during")));
    assertThat(out).contains(" " + directory.resolve("m") + " ");
    assertThat(kledger("mountinfo", "-p", umount[1], "--at", "@" + position)).isZero();
    assertThat(renamed(out)).isEqualTo(renamed(read("after")));

    String[] flock = last("evt.type=flock and evt.failed=false");
    assertThat(kledger("locks", "--at", "@" + flock[0], "-o", "jsonl")).isZero();
    assertThat(out)
        .contains("\"type\":\"FLOCK\"")
        .contains("\"mode\":\"WRITE\"")
        .contains("\"pid\":" + flock[1])
        .contains(directory.resolve("lock").toString());
    assertThat(read("locks")).containsPattern("FLOCK +ADVISORY +WRITE +" + flock[1] + " ");
  }

  @Test
  void aRunningProcessIsRecordedUntilItEnds() throws IOException, InterruptedException {
    Process target =
        new ProcessBuilder(
                "sh", "-c", "until [ -e go ]; do sleep 0.05; done; : > made; exec mkdir sub")
            .directory(directory.toFile())
            .start();
    Thread go = new Thread(() -> whenTraced(target.pid(), directory.resolve("go")));
    go.start();
    try {
      assertThat(kledger("record", "-p", Long.toString(target.pid()))).isZero();
    } finally {
      target.destroy();
      go.join();
    }
    assertThat(kledger("log", "evt.type=openat and evt.args contains made")).isZero();
    assertThat(out).contains(" " + target.pid() + " ");
    assertThat(kledger("log", "evt.type=mkdir")).isZero();
    assertThat(kledger("tasks", "-p", Long.toString(target.pid()), "--at", "@20")).isZero();
  }

  @Test
  void whatCannotBeRecordedIsSaid() {
    assertThat(kledger("record")).isEqualTo(ExitCode.USAGE);
    assertThat(kledger("record", "-p", "999999999")).isEqualTo(ExitCode.USAGE);
    assertThat(kledger("record", "-p", "1", "--", "true")).isEqualTo(ExitCode.USAGE);
  }

  private static void whenTraced(long pid, Path go) {
    try {
      Path status = Path.of("/proc/" + pid + "/status");
      while (Files.readString(status).contains("TracerPid:\t0\n")) {
        Thread.onSpinWait();
      }
      Files.createFile(go);
    } catch (IOException e) {
      // The process is gone: the test says so.
    }
  }

  private String read(String name) throws IOException {
    return Files.readString(directory.resolve(name), UTF_8);
  }

  /**
   * Without the numbers that the kernel gave out, a parent told by its mount point. In no order: a
   * copied namespace lists mounts in the order of their parents' lists of children, which /proc
   * does not tell.
   */
  private static List<String> renamed(String mountinfo) {
    Map<String, String> points = new LinkedHashMap<>();
    mountinfo.lines().map(line -> line.split(" ")).forEach(f -> points.put(f[0], f[4]));
    List<String> lines = new ArrayList<>();
    for (String line : mountinfo.lines().toList()) {
      String[] fields = line.split(" ");
      fields[1] = points.getOrDefault(fields[1], "outside");
      fields[0] = "_";
      fields[2] = fields[2].replaceFirst("^0:.*", "0:_");
      String text = String.join(" ", fields);
      lines.add(text.replaceAll("(shared|master|propagate_from):\\d+", "$1:_"));
    }
    lines.sort(null);
    return lines;
  }
}

package io.kledger.cli.command;

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
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole system under bpftrace, where that may run. */
class SystemRecordTest {
  @TempDir private Path directory;
  private String out;
  private String err;

  private int kledger(String verb, String... arguments) {
    List<String> all = new ArrayList<>(List.of(verb, "--ledger=" + directory.resolve("ledger")));
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

  private static boolean works() throws InterruptedException {
    if (!Files.isDirectory(Path.of("/sys/kernel/tracing/events/raw_syscalls"))) {
      return false;
    }
    try {
      return new ProcessBuilder("bpftrace", "-e", "BEGIN { exit(); }")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static TreeSet<String> points(String mountinfo) {
    TreeSet<String> points = new TreeSet<>();
    mountinfo.lines().forEach(line -> points.add(line.split(" ")[4]));
    return points;
  }

  @Test
  void theMountsOfANewNamespaceAreThoseOfProc() throws IOException, InterruptedException {
    assumeTrue(works(), "needs root, bpftrace and tracefs: the whole system is not recorded here");
    Path script = directory.resolve("script");
    Files.writeString(
        script,
        """
        set -e
        cd %s
        mkdir m
        mount -t tmpfs "a b" m
        mkdir m/x m/y
        mount --bind m/x m/y
        cat /proc/self/mountinfo > during
        echo $$ > pid
        """
            .formatted(directory));
    assertThat(
            kledger(
                "record",
                "--system",
                "--",
                "unshare",
                "-m",
                "--propagation",
                "private",
                "sh",
                script.toString()))
        .as(() -> err)
        .isZero();
    assertThat(err).contains("events recorded");
    String pid = Files.readString(directory.resolve("pid")).strip();
    assertThat(kledger("log", "-n", "1", "evt.type=openat and proc.pid=" + pid)).isZero();
    String position = out.substring(0, out.indexOf(' '));
    assertThat(kledger("mountinfo", "--pid", pid, "--at", position)).isZero();
    assertThat(points(out)).isEqualTo(points(Files.readString(directory.resolve("during"))));
    assertThat(out).contains(" - tmpfs a\\040b rw");
  }

  @Test
  void whatIsMissingIsSaid() {
    assumeTrue(
        !Files.isDirectory(Path.of("/sys/kernel/tracing/events/raw_syscalls")),
        "there are tracepoints here");
    assertThat(kledger("record", "--system")).isEqualTo(ExitCode.USAGE);
    assertThat(err).contains("mount -t tracefs nodev /sys/kernel/tracing");
  }
}

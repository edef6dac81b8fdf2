package io.kledger.ingest.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.ExecveCall;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.MountCall;
import io.kledger.event.avro.MoveMountCall;
import io.kledger.event.avro.OpenatCall;
import io.kledger.event.avro.Pipe2Call;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TaskDied;
import io.kledger.ingest.strace.EventRenderer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AuditReaderTest {
  private static final String OPEN =
      """
      type=SYSCALL msg=audit(1700000000.001:10): arch=c000003e syscall=257 success=yes exit=3 \
      a0=ffffff9c a1=7ffd00 a2=241 a3=1b6 items=2 ppid=1 pid=50 auid=1000 uid=0 gid=0 euid=0 \
      suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 comm="sh" exe="/bin/dash" key="k"
      type=CWD msg=audit(1700000000.001:10): cwd="/tmp"
      type=PATH msg=audit(1700000000.001:10): item=0 name="/tmp/" nametype=PARENT
      type=PATH msg=audit(1700000000.001:10): item=1 name=2F746D702F612062 nametype=CREATE
      type=PROCTITLE msg=audit(1700000000.001:10): proctitle="sh"
      """;

  private static final String MOUNT =
      """
      type=SYSCALL msg=audit(1700000000.002:11): arch=c000003e syscall=165 success=yes exit=0 \
      a0=5500 a1=5600 a2=5700 a3=0 items=1 ppid=1 pid=50 uid=0 euid=0 comm="x" exe="/x"
      type=PATH msg=audit(1700000000.002:11): item=0 name="/mnt" nametype=NORMAL
      """;

  private static List<Event> read(String text, AuditOptions options) throws IOException {
    List<Event> events = new ArrayList<>();
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    try (AuditReader reader = AuditReader.open(new ByteArrayInputStream(bytes), options)) {
      reader.read(
          event -> {
            events.add(event);
            return events.size();
          });
    }
    return events;
  }

  private static List<Event> read(String text) throws IOException {
    return read(text, AuditOptions.of("test"));
  }

  private static <C> C call(List<Event> events, Class<C> type) {
    for (Event event : events) {
      if (event.getBody() instanceof Syscall call && type.isInstance(call.getCall())) {
        return type.cast(call.getCall());
      }
    }
    throw new AssertionError("no " + type.getSimpleName() + " in " + events);
  }

  private static List<String> gaps(List<Event> events) {
    return events.stream()
        .filter(e -> e.getBody() instanceof Gap)
        .map(e -> ((Gap) e.getBody()).getReason())
        .toList();
  }

  @Test
  void recordsOfOneIdAreOneCall() throws IOException {
    OpenatCall open = call(read(OPEN), OpenatCall.class);
    assertThat(Bytes.of(open.getPath().getValue())).isEqualTo(Bytes.of("/tmp/a b"));
    assertThat(open.getDirfd().getNumber()).isEqualTo(-100);
    assertThat(open.getFlags()).isEqualTo(0x241);
  }

  @Test
  void recordsOfTwoEventsMayBeMixed() throws IOException {
    String[] a = OPEN.split("\n");
    String[] b = MOUNT.split("\n");
    String mixed = String.join("\n", b[0], a[0], a[1], b[1], a[2], a[3], a[4]) + "\n";
    List<Event> events = read(mixed);
    assertThat(call(events, OpenatCall.class).getPath().getAddress()).isNull();
    assertThat(gaps(events)).isEmpty();
    assertThat(events.stream().filter(e -> e.getBody() instanceof Syscall).count()).isEqualTo(2);
  }

  @Test
  void whatIsOnlyAPointerStaysUnknown() throws IOException {
    MountCall mount = call(read(MOUNT), MountCall.class);
    assertThat(mount.getTarget().getAddress()).isNull();
    assertThat(mount.getFstype().getAddress()).isEqualTo(0x5700);
    assertThat(mount.getSource().getAddress()).isEqualTo(0x5500);
  }

  @Test
  void theCommandLineOfMountTellsWhatTheCallDoesNot() throws IOException {
    String title =
        "type=PROCTITLE msg=audit(1700000000.002:11): "
            + "proctitle=6D6F756E74002D7400746D7066730078002F6D6E74\n";
    List<Event> events = read(MOUNT + title);
    MountCall mount = call(events, MountCall.class);
    assertThat(Bytes.of(mount.getFstype().getValue())).isEqualTo(Bytes.of("tmpfs"));
    assertThat(EventRenderer.line(events.getLast()).latin1()).contains("from the command line");
  }

  @Test
  void aDetachedMountIsMovedByItsDescriptor() throws IOException {
    MoveMountCall move =
        call(read(MOUNT.replace("syscall=165", "syscall=429")), MoveMountCall.class);
    assertThat(move.getFlags()).isEqualTo(4);
    assertThat(Bytes.of(move.getToPath().getValue())).isEqualTo(Bytes.of("/mnt"));
  }

  @Test
  void execveTakesItsWordsFromSeveralRecords() throws IOException {
    String text =
        """
        type=SYSCALL msg=audit(1700000000.003:12): arch=c000003e syscall=59 success=yes exit=0 \
        a0=1000 a1=2000 a2=3000 a3=0 ppid=1 pid=50 comm="c" exe="/bin/c"
        type=EXECVE msg=audit(1700000000.003:12): argc=3 a0="c" a1_len=4 a1[0]=6162
        type=EXECVE msg=audit(1700000000.003:12): a1[1]="cd" a2=0A
        type=PATH msg=audit(1700000000.003:12): item=0 name="/bin/c" nametype=NORMAL
        type=PATH msg=audit(1700000000.003:12): item=1 name="/lib64/ld.so" nametype=NORMAL
        """;
    ExecveCall exec = call(read(text), ExecveCall.class);
    assertThat(exec.getArgv().stream().map(t -> Bytes.of(t.getValue()).latin1()).toList())
        .containsExactly("c", "abcd", "\n");
    assertThat(Bytes.of(exec.getPath().getValue())).isEqualTo(Bytes.of("/bin/c"));
  }

  @Test
  void descriptorsOfAPipe() throws IOException {
    String text =
        """
        type=SYSCALL msg=audit(1700000000.003:12): arch=c000003e syscall=293 success=yes exit=0 \
        a0=1000 a1=80000 a2=0 a3=0 ppid=1 pid=50 comm="c" exe="/bin/c"
        type=FD_PAIR msg=audit(1700000000.003:12): fd0=5 fd1=6
        """;
    assertThat(call(read(text), Pipe2Call.class).getFds())
        .extracting(fd -> fd.getNumber())
        .containsExactly(5, 6);
  }

  @Test
  void theForkComesBeforeTheChildThatWasLoggedFirst() throws IOException {
    String text =
        MOUNT
            + OPEN.replace(":10)", ":12)")
                .replace("pid=50", "pid=51")
                .replace("ppid=1 ", "ppid=50 ")
            + """
            type=SYSCALL msg=audit(1700000000.005:13): arch=c000003e syscall=58 success=yes \
            exit=51 a0=0 a1=0 a2=0 a3=0 ppid=1 pid=50 comm="c" exe="/bin/c"
            type=SYSCALL msg=audit(1700000000.006:14): arch=c000003e syscall=231 a0=7 a1=0 a2=0 \
            a3=0 ppid=50 pid=51 comm="c" exe="/bin/c"
            """;
    List<Event> events = read(text);
    List<String> lines = events.stream().map(e -> EventRenderer.line(e).latin1()).toList();
    int fork = index(lines, "vfork()");
    int open = index(lines, "openat(");
    assertThat(fork).isBetween(0, open);
    assertThat(gaps(events)).isEmpty();
    assertThat(events.getLast().getBody()).isEqualTo(new TaskDied(7, 0, false));
  }

  private static String record(int serial, int number, String fields) {
    return "type=SYSCALL msg=audit(1700000000.0"
        + serial
        + ":"
        + serial
        + "): arch=c000003e syscall="
        + number
        + " "
        + fields
        + " comm=\"c\" exe=\"/bin/c\"\n";
  }

  private static List<String> lines(List<Event> events) {
    return events.stream().map(e -> e.getTid() + " " + EventRenderer.line(e).latin1()).toList();
  }

  @Test
  void aThreadOfClone3EndsByItsOwnNumber() throws IOException {
    String text =
        record(10, 435, "success=yes exit=60 a0=7ffd a1=58 a2=0 a3=0 ppid=1 pid=50")
            + record(11, 435, "success=yes exit=61 a0=7ffd a1=58 a2=0 a3=0 ppid=1 pid=50")
            + record(12, 60, "a0=0 a1=0 a2=0 a3=0 ppid=1 pid=50")
            + record(13, 231, "a0=3 a1=0 a2=0 a3=0 ppid=1 pid=50");
    List<Event> events = read(text);
    assertThat(lines(events))
        .anyMatch(l -> l.startsWith("50 ") && l.contains("CLONE_THREAD") && l.endsWith("= 60"))
        .anyMatch(l -> l.startsWith("60 ") && l.contains("tid: the oldest of 2 threads"));
    List<Integer> died =
        events.stream().filter(e -> e.getBody() instanceof TaskDied).map(Event::getTid).toList();
    assertThat(died).containsExactly(60, 61, 50);
  }

  @Test
  void aProcessOfClone3IsAChildOfItsCaller() throws IOException {
    String text =
        record(10, 435, "success=yes exit=60 a0=7ffd a1=58 a2=0 a3=0 ppid=1 pid=50")
            + record(11, 231, "a0=3 a1=0 a2=0 a3=0 ppid=50 pid=60")
            + record(12, 61, "success=yes exit=60 a0=ffffffff a1=0 a2=0 a3=0 ppid=1 pid=50")
            + record(13, 60, "a0=0 a1=0 a2=0 a3=0 ppid=1 pid=50");
    List<String> lines = lines(read(text));
    assertThat(lines).noneMatch(l -> l.contains("CLONE_THREAD") || l.contains("concluded"));
    assertThat(lines).anyMatch(l -> l.startsWith("50 ") && l.contains("clone3("));
    assertThat(lines).noneMatch(l -> l.contains("TaskObserved") && l.startsWith("60 "));
  }

  private static int index(List<String> lines, String part) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains(part)) {
        return i;
      }
    }
    return -1;
  }

  @Test
  void whatTheKernelLostAndIdsThatAreMissingAreGaps() throws IOException {
    String text =
        OPEN
            + "Nov 1 host kernel: audit: audit_lost=7 audit_rate_limit=0 audit_backlog_limit=64\n"
            + MOUNT.replace(":11)", ":15)");
    assertThat(gaps(read(text)))
        .containsExactlyInAnyOrder(
            "the kernel lost audit records", "audit events 11 to 14 are not in the log");
  }

  @Test
  void nodesAreMachinesAndEnrichedFieldsAreNotTaken() throws IOException {
    String a = OPEN.replaceAll("(?m)^type", "node=a type");
    String b =
        MOUNT.replaceAll("(?m)^(type=SYSCALL.*)$", "$1\u001dARCH=x86_64 SYSCALL=mount UID=\"r\"");
    String text = a + b.replaceAll("(?m)^type", "node=b type");
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    assertThat(AuditReader.nodes(new ByteArrayInputStream(bytes))).containsExactly("a", "b");
    List<Event> events = read(text, AuditOptions.of("test").withNode("b"));
    assertThat(call(events, MountCall.class).getFlags()).isZero();
    assertThat(events).noneMatch(e -> EventRenderer.line(e).latin1().contains("openat"));
  }

  @Test
  void entriesOfAJournalExport() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line : MOUNT.split("\n")) {
      String type = line.substring(5, line.indexOf(' '));
      String body = line.substring(line.indexOf("): ") + 3);
      text.append("__CURSOR=x\n_TRANSPORT=audit\n_HOSTNAME=h\n_AUDIT_ID=11\n")
          .append("_SOURCE_REALTIME_TIMESTAMP=1700000000002000\n_AUDIT_TYPE_NAME=" + type + "\n")
          .append("MESSAGE=" + type + " " + body + "\nBIN\n\3\0\0\0\0\0\0\0a\nb\n\n");
    }
    text.append("__CURSOR=y\n_TRANSPORT=stdout\nMESSAGE=hello\n\n");
    List<Event> events = read(text.toString());
    assertThat(Bytes.of(call(events, MountCall.class).getTarget().getValue()))
        .isEqualTo(Bytes.of("/mnt"));
  }

  @Test
  void aLineThatIsNoRecordIsRefusedOrAGap() throws IOException {
    String text = OPEN + "type=SYSCALL msg=audit(17000x):\n";
    assertThatThrownBy(() -> read(text)).hasMessageStartingWith("test:6:18: expected audit(");
    assertThat(gaps(read(text, AuditOptions.of("t").withSalvage(true)))).hasSize(1);
  }

  @Test
  void inALaterLogATaskMayBeKnown() throws IOException {
    String text =
        MOUNT
            + OPEN.replace(":10)", ":12)")
                .replace("pid=50", "pid=51")
                .replace("ppid=1 ", "ppid=50 ");
    List<Event> alone = read(text);
    assertThat(alone).anyMatch(e -> EventRenderer.line(e).latin1().contains("fork()"));
    List<Event> later = read(text, AuditOptions.of("t").withContinued(true));
    assertThat(later).noneMatch(e -> EventRenderer.line(e).latin1().contains("fork()"));
    assertThat(later).hasSize(alone.size() - 1);
  }

  @Test
  void damagedLogsAreReadOrRefused() {
    byte[] base = (OPEN + MOUNT).getBytes(StandardCharsets.ISO_8859_1);
    byte[] salt = " =\"():,{}[]\n\0\35aF0-9x".getBytes(StandardCharsets.ISO_8859_1);
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      for (byte b : base) {
        switch (random.nextInt(120)) {
          case 0 -> text.write(salt[random.nextInt(salt.length)]);
          case 1 -> {}
          default -> text.write(b);
        }
      }
      String damaged = text.toString(StandardCharsets.ISO_8859_1);
      try {
        List<Event> once = read(damaged, AuditOptions.of("f").withSalvage(true));
        assertThat(read(damaged, AuditOptions.of("f").withSalvage(true))).isEqualTo(once);
      } catch (RuntimeException | IOException e) {
        throw new AssertionError("seed " + seed + ": " + damaged, e);
      }
    }
  }
}

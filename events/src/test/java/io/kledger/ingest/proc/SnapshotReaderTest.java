package io.kledger.ingest.proc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.KernelProfile;
import io.kledger.event.avro.LocksObserved;
import io.kledger.event.avro.MountsObserved;
import io.kledger.event.avro.SnapshotEnd;
import io.kledger.event.avro.TaskObserved;
import io.kledger.event.avro.UnixSocketsObserved;
import io.kledger.ingest.recording.RecordingArchive.Recorder;
import io.kledger.ingest.recording.SnapshotFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SnapshotReaderTest {
  private static final Recorder RECORDER = new Recorder("6.18.44", "x86_64", "strace 6.1", "-f");
  private static final String TASK =
      """
      task 7
      status Name\ta\\134nb
      status Umask\t0077
      status State\tZ (zombie)
      status Tgid\t6
      status PPid\t5
      status Uid\t1 2 3 4294967295
      status NSpid\t7 2
      status CapEff\t000001fffeffffff
      status Seccomp\t0
      ptrace exit -2
      stat tty_nr=0 tpgid=-1 exit_signal=0
      cwd\t/a\\040b\\012
      cwd-id\tdev=254:1 ino=9 mnt=123
      ns mnt\tmnt:[4026532177]
      cgroup 4:memory:/other
      cgroup 0::/oracle
      mountinfo\tmountinfo.7
      fd 3\t/f (deleted)
      fd-id 3\tdev=0:53 ino=12 nlink=0 mode=100644
      fdinfo 3\tpos: 5
      fdinfo 3\tflags: 02100001
      fdinfo 3\tmnt_id: 123
      fdinfo 3\tlock:\t1: FLOCK  ADVISORY  READ 7 00:35:c 0 EOF
      fdinfo 3\tscm_fds: 0
      """;

  private static List<Event> events(Map<String, String> files) throws IOException {
    TreeMap<String, byte[]> bytes = new TreeMap<>();
    files.forEach((name, text) -> bytes.put(name, text.getBytes(StandardCharsets.ISO_8859_1)));
    return SnapshotReader.events(
        RECORDER, new SnapshotFiles(3, 17, true, Map.of("label", "here"), bytes), 2);
  }

  @Test
  void eachFileBecomesItsObservations() throws IOException {
    // given a snapshot with two views
    List<Event> events =
        events(
            Map.of(
                "mountinfo", "1 0 0:1 / / rw - tmpfs t rw\n",
                "mountinfo.7", "2 0 0:1 / / rw - tmpfs t rw\n3 2 0:2 / /x rw - tmpfs t rw\n",
                "tasks", TASK,
                "locks", "1: FLOCK  ADVISORY  READ 7 00:35:c 0 EOF\n",
                "inodes", "00:35:c\t/f\n",
                "unix", "Num\n"));
    // then every event stands at the snapshot's line
    assertThat(events).allSatisfy(e -> assertThat(e.getLine()).isEqualTo(17));
    assertThat(events).allSatisfy(e -> assertThat(e.getSource()).isEqualTo(2));
    assertThat(events.stream().map(e -> (Object) e.getBody().getClass()))
        .containsExactly(
            KernelProfile.class,
            MountsObserved.class,
            MountsObserved.class,
            TaskObserved.class,
            LocksObserved.class,
            UnixSocketsObserved.class,
            SnapshotEnd.class);
    // and the view that no task has is that of task 1
    MountsObserved first = (MountsObserved) events.get(1).getBody();
    assertThat(first.getTid()).isEqualTo(1);
    assertThat(first.getNamespace()).isZero();
    MountsObserved second = (MountsObserved) events.get(2).getBody();
    assertThat(second.getTid()).isEqualTo(7);
    assertThat(second.getNamespace()).isEqualTo(4026532177L);
    assertThat(second.getLines()).hasSize(2);
    assertThat(((SnapshotEnd) events.getLast().getBody()).getLabel()).isEqualTo("here");
  }

  @Test
  void aStanzaBecomesATask() throws IOException {
    TaskObserved task = (TaskObserved) events(Map.of("tasks", TASK)).get(1).getBody();
    assertThat(task.getTid()).isEqualTo(7);
    assertThat(task.getTgid()).isEqualTo(6);
    assertThat(Bytes.of(task.getComm())).isEqualTo(Bytes.of("a\nb"));
    assertThat(task.getZombie()).isTrue();
    assertThat(task.getUmask()).isEqualTo(077);
    assertThat(task.getUids()).containsExactly(1L, 2L, 3L, 4294967295L);
    assertThat(task.getNspid()).containsExactly(7L, 2L);
    assertThat(task.getCapEffective()).isEqualTo(0x1fffeffffffL);
    assertThat(task.getCapBounding()).isEqualTo(-1);
    assertThat(task.getExitSignal()).isZero();
    assertThat(Bytes.of(task.getCwd().getPath())).isEqualTo(Bytes.of("/a b\n"));
    assertThat(task.getCwd().getDev()).isEqualTo(254 << 8 | 1);
    assertThat(task.getCwd().getMount()).isEqualTo(123);
    assertThat(task.getRoot()).isNull();
    assertThat(Bytes.of(task.getCgroup())).isEqualTo(Bytes.of("/oracle"));
    assertThat(task.getRest().stream().map(Bytes::of)).containsExactly(Bytes.of("Seccomp\t0"));
  }

  @Test
  void fdinfoBecomesMembersOfTheFd() throws IOException {
    TaskObserved task = (TaskObserved) events(Map.of("tasks", TASK)).get(1).getBody();
    var fd = task.getFds().getFirst();
    assertThat(fd.getFd()).isEqualTo(3);
    assertThat(Bytes.of(fd.getTarget())).isEqualTo(Bytes.of("/f (deleted)"));
    assertThat(fd.getFlags()).isEqualTo(02100001);
    assertThat(fd.getPosition()).isEqualTo(5);
    assertThat(fd.getMode()).isEqualTo(0100644);
    assertThat(fd.getIno()).isEqualTo(12);
    assertThat(fd.getNlink()).isZero();
    assertThat(fd.getLocks().stream().map(Bytes::of))
        .containsExactly(Bytes.of("1: FLOCK  ADVISORY  READ 7 00:35:c 0 EOF"));
    assertThat(fd.getInfo().stream().map(Bytes::of)).containsExactly(Bytes.of("scm_fds: 0"));
  }

  @Test
  void aLineOutsideAStanzaIsAnErrorWithItsPlace() {
    assertThatThrownBy(() -> events(Map.of("tasks", "\nstatus Name\tx\n")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("snapshot 3, tasks, line 2");
  }
}

package io.kledger.engine.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.engine.Folded;
import io.kledger.engine.Result;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.MountsObserved;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.task.Task;
import io.kledger.view.MountInfo;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A trace without the state that it began with: the mounts that any machine has are inferred. */
class TraceAloneTest {
  private final KernelState state = new KernelState();
  private final Engine engine = Engines.create(state);
  private long position;
  private long predicted;
  private long wrong;

  private void fold(InputStream trace) throws IOException {
    List<Event> events = new ArrayList<>();
    try (StraceReader reader =
        StraceReader.open(trace, StraceOptions.of("trace").withSalvage(true))) {
      reader.read(
          event -> {
            events.add(event);
            return events.size();
          });
    }
    for (Event event : events) {
      fold(event);
    }
  }

  private void fold(Event event) {
    event.put(0, ++position);
    Folded folded = engine.fold(event);
    if (folded.predicted() != null && !(folded.predicted() instanceof Result.Unknown)) {
      predicted++;
      wrong += folded.divergence() == null ? 0 : 1;
    }
  }

  private void fold(String trace) throws IOException {
    fold(new ByteArrayInputStream(trace.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private List<String> mountinfo(int tid) {
    Task task = state.task(tid);
    Mount root = state.mounts.require(state.namespaces.get(task.namespaces().mount()).root());
    Place top = MountTree.topmost(state, new Place(root.key(), root.root()));
    return MountInfo.lines(state, task.namespaces().mount(), top);
  }

  @Test
  void whatIsMountedHasAPlaceAndTheWorkingDirectoryIsLearned() throws IOException {
    fold(
        """
        7 mount("one", "/mnt", "tmpfs", MS_NOSUID, NULL) = 0
        7 openat(AT_FDCWD</srv>, "file", O_RDONLY) = 3</srv/file>
        7 mkdir("data", 0755) = 0
        7 mount("two", "data", "tmpfs", 0, NULL) = 0
        7 umount2("/mnt", 0) = 0
        7 umount2("/boot", 0) = 0
        """);

    assertThat(mountinfo(7))
        .containsExactly(
            "1 0 0:0 / / rw,relatime - unknown unknown rw",
            "2 1 0:1 / /proc rw,relatime - proc proc rw",
            "3 1 0:3 / /sys rw,relatime - sysfs sysfs rw",
            "4 3 0:4 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw",
            "6 1 0:6 / /srv/data rw,relatime - tmpfs two rw");
    assertThat(wrong).isZero();
  }

  @Test
  void whatIsSeenLaterTellsWhatTheyAre() throws IOException {
    fold("7 mount(\"one\", \"/mnt\", \"tmpfs\", 0, NULL) = 0\n");
    List<String> lines =
        List.of(
            "21 1 254:0 / / rw,noatime - ext4 /dev/vda rw",
            "22 21 0:20 / /proc rw,nosuid,relatime - proc proc rw",
            "23 21 0:21 / /sys rw,relatime - sysfs none rw",
            "24 23 0:22 / /sys/fs/cgroup rw,relatime - cgroup2 none rw,nsdelegate",
            "25 21 0:23 / /dev rw,relatime - devtmpfs dev rw");
    List<ByteBuffer> bytes = new ArrayList<>();
    lines.forEach(line -> bytes.add(ByteBuffer.wrap(line.getBytes(StandardCharsets.ISO_8859_1))));
    fold(Event.newBuilder().setPosition(0).setBody(new MountsObserved(0L, 7, bytes)).build());

    assertThat(mountinfo(7)).containsAll(lines).hasSize(lines.size() + 1);
  }

  @Test
  void theRecordingsWithoutTheirStartAreRarelyPredictedWrongly() throws IOException {
    Path corpus = Path.of(System.getProperty("kledger.home", ".")).resolve("corpus");
    assumeThat(corpus).isDirectory();
    List<Path> recordings;
    try (Stream<Path> files = Files.walk(corpus)) {
      recordings =
          files
              .filter(f -> f.toString().endsWith(".tar.gz") && !f.toString().contains("audit"))
              .sorted()
              .toList();
    }
    assertThat(recordings).isNotEmpty();
    long allPredicted = 0;
    long allWrong = 0;
    for (Path recording : recordings) {
      TraceAloneTest alone = new TraceAloneTest();
      try (InputStream trace = RecordingArchive.open(recording).trace()) {
        alone.fold(trace);
      }
      allPredicted += alone.predicted;
      allWrong += alone.wrong;
    }
    assertThat(allPredicted).isGreaterThan(100L * recordings.size());
    assertThat(allWrong).as("of %d predicted", allPredicted).isLessThan(allPredicted / 2_000);
  }
}

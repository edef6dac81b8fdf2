package io.kledger.ingest.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.event.avro.Event;
import io.kledger.event.avro.TaskDied;
import io.kledger.ingest.strace.EventRenderer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records as bpftrace 0.17 prints them with {@code -f json}. */
class LiveReaderTest {
  private static String printed(String data) {
    return "{\"type\": \"printf\", \"data\": \"" + data + "\"}";
  }

  private static LiveReader reader(String... data) throws IOException {
    LiveReader reader = new LiveReader();
    reader.add("{\"type\": \"attached_probes\", \"data\": {\"probes\": 5}}");
    reader.add(printed("B 1000"));
    for (String text : data) {
      reader.add(printed(text));
    }
    return reader;
  }

  private static List<Event> events(LiveReader reader) throws IOException {
    List<Event> events = new ArrayList<>();
    reader.finish(
        event -> {
          events.add(event);
          return events.size();
        });
    return events;
  }

  private static List<String> lines(LiveReader reader) throws IOException {
    return events(reader).stream()
        .map(e -> e.getTid() + " " + EventRenderer.line(e).latin1())
        .toList();
  }

  @Test
  void aCallIsGivenWithItsStringsWhenItEnds() throws IOException {
    LiveReader reader =
        reader(
            "E 40 2000 40 165 55a0 55b0 55c0 0 0",
            "S 40 0 a b",
            "S 40 1 /mnt\\nX 40 1 1 1",
            "S 40 2 tmpfs",
            "S 40 4 ",
            "X 40 3000 165 0",
            "E 40 3100 40 166 55b0 2 0 0 0",
            "S 40 0 /mnt",
            "X 40 3200 166 -16");
    assertThat(reader.begun()).isTrue();
    reader.snapshot(0, 0, List.of(40));
    assertThat(lines(reader))
        .satisfiesExactly(
            line -> assertThat(line).contains("mount(\"a b\", \"/mnt\\nX 40 1 1 1\", \"tmpfs\", 0"),
            line -> assertThat(line).contains("umount2(\"/mnt\", MNT_DETACH) = -1 EBUSY"));
  }

  @Test
  void aTaskIsMadeBeforeWhatItDoesAndRecordsOfProcessorsAreSorted() throws IOException {
    LiveReader reader =
        reader(
            "E 41 2600 41 3 5 0 0 0 0",
            "X 41 2700 3 0",
            "D 41 2800 768",
            "E 40 2000 40 56 1200011 0 0 0 0",
            "F 40 2500 41",
            "X 40 2900 56 7");
    reader.snapshot(0, 0, List.of(40));
    List<Event> events = events(reader);
    assertThat(EventRenderer.line(events.get(0)).latin1()).contains("clone(").contains("= 7");
    assertThat(EventRenderer.line(events.get(1)).latin1()).contains("close(5) = 0");
    assertThat(events.get(2).getBody()).isEqualTo(new TaskDied(3, 0, false));
    assertThat(events).hasSize(3);
  }

  @Test
  void whatTheScanShowsIsNotGivenAgain() throws IOException {
    LiveReader reader =
        reader(
            "E 40 2000 40 165 1 2 3 0 0",
            "X 40 2100 165 0",
            "E 40 5000 40 57 0 0 0 0 0",
            "F 40 5100 41",
            "X 40 5200 57 41",
            "E 40 5300 40 57 0 0 0 0 0",
            "F 40 5400 42",
            "X 40 5500 57 42",
            "E 40 5600 40 272 20000 0 0 0 0",
            "X 40 5700 272 0",
            "D 99 5800 0");
    reader.snapshot(4000, 6000, List.of(40, 41));
    assertThat(reader.sensitive(4000, 6000)).isEqualTo(1);
    assertThat(lines(reader))
        .satisfiesExactly(
            line -> assertThat(line).contains("fork() = 42"),
            line -> assertThat(line).contains("unshare(CLONE_NEWNS) = 0"));
  }

  @Test
  void aThreadThatTheScanDidNotShowIsOneOfItsProcess() throws IOException {
    LiveReader reader = reader("E 45 2000 40 3 5 0 0 0 0", "X 45 2100 3 0");
    reader.snapshot(0, 0, List.of(40));
    assertThat(lines(reader))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("40 ").contains("CLONE_THREAD").endsWith("= 45"),
            line -> assertThat(line).startsWith("45 ").contains("close(5)"));
  }

  @Test
  void lostRecordsAreCountedAndWhatIsNoRecordIsNamed() throws IOException {
    LiveReader reader = reader();
    reader.add("{\"type\": \"lost_events\", \"data\": {\"events\": 12}}");
    assertThat(reader.lost()).isEqualTo(12);
    assertThat(LiveReader.gap(12).getMissing()).isEqualTo(12);
    assertThatThrownBy(() -> reader.add(printed("E 1 2"))).hasMessageContaining("line 4");
    assertThatThrownBy(() -> reader.add("{")).hasMessageContaining("line 5");
  }

  @Test
  void aStringThatMayBeCutStaysAnAddress() throws IOException {
    LiveReader reader =
        reader("E 40 2000 40 80 55a0 0 0 0 0", "S 40 0 " + "x".repeat(199), "X 40 2100 80 0");
    reader.snapshot(0, 0, List.of(40));
    assertThat(lines(reader)).singleElement().asString().contains("chdir(0x55a0) = 0");
  }

  @Test
  void theProgramWatchesWhatTheReaderKnows() {
    String text = LiveProgram.text(123);
    assertThat(text).contains("@watched[165] = 1; @text[165] = 23;").contains("pid != 123");
    assertThat(text.chars().filter(c -> c == '{').count())
        .isEqualTo(text.chars().filter(c -> c == '}').count());
  }
}

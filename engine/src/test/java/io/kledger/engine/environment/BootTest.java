package io.kledger.engine.environment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.event.avro.Environment;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.ModelMachine;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.store.Table;
import io.kledger.view.Note;
import io.kledger.view.Notes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A machine that starts anew has nothing of what it had. */
class BootTest {
  private static final String TRACE =
      """
      7 1700000000.000001 execve("/bin/sh", ["sh"], 0x7ffc /* 0 vars */) = 0
      7 1700000000.000002 openat(AT_FDCWD, "/tmp/f", O_RDWR|O_CREAT, 0600) = 3</tmp/f>
      7 1700000000.000003 flock(3</tmp/f>, LOCK_EX) = 0
      7 1700000000.000004 mount("none", "/mnt", "tmpfs", 0, NULL) = 0
      """;

  private final KernelState state = new KernelState();
  private final Engine engine = Engines.create(state);
  private final Notes notes = new Notes();
  private long position;

  BootTest() {
    engine.listener(notes);
  }

  private List<String> fold(Object body) {
    notes.begin();
    engine.fold(new Event(++position, 0L, -1L, 0, 0, 0L, body));
    return notes.notes().stream().map(Note::toString).toList();
  }

  private List<String> boot(String id) {
    var word = ByteBuffer.wrap(id.getBytes(StandardCharsets.US_ASCII));
    return fold(new Environment("boot", List.of(word), List.of()));
  }

  private void trace() throws IOException {
    List<Event> events = new ArrayList<>();
    byte[] text = TRACE.getBytes(StandardCharsets.UTF_8);
    try (StraceReader reader =
        StraceReader.open(new ByteArrayInputStream(text), StraceOptions.of("t"))) {
      reader.read(
          event -> {
            events.add(event);
            return events.size();
          });
    }
    for (Event event : events) {
      event.put(0, ++position);
      engine.fold(event);
    }
  }

  private List<String> tablesWithRows() {
    return state.tables().all().stream()
        .filter(table -> table.size() > 0)
        .map(Table::id)
        .filter(id -> id != Tables.COUNTERS && id != Tables.MACHINE && id != Tables.NOTICES)
        .map(Object::toString)
        .toList();
  }

  @Test
  void anotherBootLeavesNothingOfTheOneBefore() throws IOException {
    fold(new ModelMachine("model"));
    assertThat(boot("first")).containsExactly("machine.boot id=first");
    trace();
    assertThat(state.locks.size()).isEqualTo(1);
    long keys = state.counters.require(CounterId.KEY.key()).value();
    assertThat(boot("second")).containsExactly("machine.boot id=second");
    assertThat(tablesWithRows()).isEmpty();
    assertThat(state.machine.require(1).settings()).containsExactly("boot_id=second");
    assertThat(state.counters.require(CounterId.KEY.key()).value()).isGreaterThanOrEqualTo(keys);
    trace();
    assertThat(state.locks.size()).isEqualTo(1);
  }

  @Test
  void theSameBootSaidAgainChangesNothing() throws IOException {
    boot("first");
    trace();
    List<String> before = tablesWithRows();
    assertThat(boot("first")).isEmpty();
    assertThat(tablesWithRows()).isEqualTo(before).isNotEmpty();
  }
}

package io.kledger.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.engine.Folded;
import io.kledger.engine.Result;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.ReadCall;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.Text;
import io.kledger.ingest.proc.SnapshotReader;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.kernel.KernelState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A program that watches its mount namespace with fanotify was recorded: what it read from the
 * kernel is what the engine foretells, record by record.
 */
class MountEventStreamTest {
  private static final int RECORD = 40;
  private static final int MASK_AT = 8;
  private static final long ATTACH = 0x01000000;
  private static final long DETACH = 0x02000000;

  private final KernelState state = new KernelState();
  private final Engine engine = Engines.create(state);
  private final List<String> read = new ArrayList<>();
  private final List<String> foretold = new ArrayList<>();
  private long position;

  @Test
  void theRecordedStreamIsOurFeedInKindAndOrder() throws IOException {
    Path file = Path.of("..", "corpus", "own", "own_mntnotify.tar.gz");
    assumeThat(file).exists();
    RecordingArchive archive = RecordingArchive.open(file);
    SnapshotFiles first = archive.snapshots().getFirst();
    for (Event event : SnapshotReader.events(archive.recorder(), first, 1)) {
      fold(event);
    }
    try (StraceReader reader =
        StraceReader.open(archive.trace(), StraceOptions.of("trace").withSource(1))) {
      reader.read(
          event -> {
            if (event.getLine() > first.line()) {
              fold(event);
            }
            return position;
          });
    }

    assertThat(read).hasSizeGreaterThan(15);
    assertThat(foretold).isEqualTo(read);
  }

  private void fold(Event event) {
    Event numbered = Event.newBuilder(event).setPosition(++position).build();
    int waiting = state.mountEvents.size();
    List<Long> queued = new ArrayList<>();
    state.mountEvents.rows().forEach(row -> queued.add(row.mask()));
    Folded folded = engine.fold(numbered);
    if (numbered.getBody() instanceof Syscall call && call.getCall() instanceof ReadCall taken) {
      records(taken);
      if (waiting > state.mountEvents.size()) {
        queued.forEach(mask -> foretold.add(kind(mask)));
        assertThat(folded.predicted()).isEqualTo(Result.value((long) waiting * RECORD));
      }
    }
  }

  private void records(ReadCall call) {
    if (!(call.getData() instanceof Text text)) {
      return;
    }
    byte[] bytes = Bytes.of(text.getValue()).toArray();
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    boolean ours = bytes.length % RECORD == 0 && bytes.length > 0 && bytes[0] == RECORD;
    for (int at = 0; ours && at < bytes.length; at += RECORD) {
      read.add(kind(buffer.getLong(at + MASK_AT)));
    }
  }

  private static String kind(long mask) {
    return (mask & ATTACH) == 0 ? "detach" : (mask & DETACH) == 0 ? "attach" : "move";
  }
}

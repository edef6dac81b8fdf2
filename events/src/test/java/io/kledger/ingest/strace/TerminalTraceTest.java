package io.kledger.ingest.strace;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.avro.Event;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TracerMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What strace writes to a terminal, or with options that break its own format. */
class TerminalTraceTest {
  @Test
  void linesWithoutAPidBelongToTheOnlyProcess() throws IOException {
    List<Event> events =
        read(
            """
            close(3)                        = 0
            vfork(strace: Process 101 attached
             <unfinished ...>
            [pid   101] exit_group(0)       = ?
            [pid   101] +++ exited with 0 +++
            <... vfork resumed>)            = 101
            fork(strace: Process 102 attached
            )                               = 102
            [pid   100] exit_group(0)       = ?
            [pid   100] +++ exited with 0 +++
            close(4)                        = 0
            """);
    assertThat(events)
        .filteredOn(e -> !(e.getBody() instanceof TracerMessage))
        .extracting(Event::getTid)
        .containsExactly(100, 100, 101, 101, 100, 100, 100, 100, 102);
  }

  @Test
  void aCallGoesOnInALineOfItsOwn() throws IOException {
    List<Event> events = read("5 read(3,  <unfinished ...>\n\"\", 4096) = 0\n5 close(3) = 0\n");
    Syscall read = (Syscall) events.get(1).getBody();
    assertThat(read.getPhase()).isEqualTo(Phase.RETURNED);
    assertThat(read.getEntered()).isEqualTo(1);
    assertThat(events.get(1).getTid()).isEqualTo(5);
  }

  @Test
  void stackTracesAndTheSummaryAreMessages() throws IOException {
    List<Event> events =
        read(
            """
            5 close(3) = 0
             > /usr/lib/libc.so.6(close+0x7) [0x12]
            % time     seconds  usecs/call     calls    errors syscall
            ------ ----------- ----------- --------- --------- ----------------
              0.00    0.000000           0         1           read
            """);
    assertThat(events.subList(1, 5))
        .allSatisfy(e -> assertThat(e.getBody()).isInstanceOf(TracerMessage.class));
  }

  @Test
  void memoryDoesNotGrowWithTheTrace() throws IOException {
    byte[] block =
        "5 write(1, \"abcdefgh\", 8) = 8\n6 vfork( <unfinished ...>\n6 <... vfork resumed>) = 7\n"
            .repeat(1000)
            .getBytes(StandardCharsets.US_ASCII);
    long blocks = 2000;
    StraceReader reader = StraceReader.open(new Repeated(block, blocks), StraceOptions.of("long"));
    long[] most = new long[1];
    long before = used();
    reader.read(
        event -> {
          if (event.getLine() % 1_500_000 == 0) {
            most[0] = Math.max(most[0], used() - before);
          }
          return event.getLine();
        });
    assertThat(reader.lines()).isEqualTo(blocks * 3000);
    assertThat(most[0]).isLessThan(16 << 20);
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** The same bytes again and again. */
  private static final class Repeated extends InputStream {
    private final byte[] block;
    private long left;
    private int at;

    Repeated(byte[] block, long times) {
      this.block = block;
      left = times * block.length;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(byte[] target, int from, int length) {
      if (left == 0) {
        return -1;
      }
      int n = (int) Math.min(left, Math.min(length, block.length - at));
      System.arraycopy(block, at, target, from, n);
      at = (at + n) % block.length;
      left -= n;
      return n;
    }
  }

  private static List<Event> read(String text) throws IOException {
    List<Event> events = new ArrayList<>();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    StraceReader.open(new ByteArrayInputStream(bytes), StraceOptions.of("terminal"))
        .read(
            event -> {
              events.add(event);
              return events.size();
            });
    return events;
  }
}

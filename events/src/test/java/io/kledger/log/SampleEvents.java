package io.kledger.log;

import io.kledger.event.avro.CloseCall;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.LocksObserved;
import io.kledger.event.avro.MountCall;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.OpenatCall;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.SourceOpened;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TaskDied;
import io.kledger.event.avro.Text;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Events as traces have them. */
public final class SampleEvents {

  private static final long BEGIN = 1_700_000_000_000_000_000L;

  private SampleEvents() {}

  /** The n-th of an endless row; always the same one. Its line is n. */
  public static Event nth(long n) {
    Object body =
        switch ((int) (n % 7)) {
          case 0 ->
              call(
                  new OpenatCall(
                      new Fd(-100, bytes("/root")),
                      text("/usr/lib/x86_64-linux-gnu/libc.so." + n % 100),
                      0x80000L,
                      0L),
                  3);
          case 1 -> call(new CloseCall(new Fd((int) (3 + n % 5), bytes("/etc/ld.so.cache"))), 0);
          case 2 ->
              call(new MountCall(text("none"), text("/mnt/" + n), text("tmpfs"), 4096L, null), 0);
          case 3 ->
              call(
                  new OpaqueCall("mmap", bytes("NULL, 8192, PROT_READ, MAP_PRIVATE, -1, 0"), ""),
                  0x7f0000000000L + n * 4096);
          case 4 -> new TaskDied((int) (n % 256), 0, false);
          case 5 -> new LocksObserved(List.of(bytes("1: POSIX ADVISORY WRITE " + n)), List.of());
          default -> new Gap("dropped", n, null, n, 0);
        };
    return new Event(0L, BEGIN + n * 1_000_003, n * 7, (int) (1000 + n % 3), 1, n, body);
  }

  /** A random event, large ones among them. */
  public static Event random(Random random) {
    var event = nth(random.nextInt(1000));
    if (random.nextInt(50) == 0) {
      byte[] noise = new byte[random.nextInt(20_000)];
      random.nextBytes(noise);
      event.put(6, new Gap("noise", -1L, ByteBuffer.wrap(noise), 0L, 0));
    }
    return event;
  }

  /** A source opened. */
  public static Event opened(int number, String name) {
    return new Event(0L, 0L, -1L, 0, number, 0L, new SourceOpened(number, name, "strace", ""));
  }

  private static Syscall call(Object call, long value) {
    return new Syscall(
        Phase.WHOLE,
        call,
        new Outcome(value, 0, false, null, null, null),
        false,
        0L,
        35_000L,
        null);
  }

  private static Text text(String value) {
    return new Text(bytes(value), false, null);
  }

  private static ByteBuffer bytes(String value) {
    return ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8));
  }
}

package io.kledger.ingest.load;

import io.kledger.event.avro.Environment;
import io.kledger.event.avro.Event;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Which boot of a machine events are of. */
public final class Boots {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private Boots() {}

  /** The event that says it; has an effect only where the boot is another one than before. */
  public static Event event(String id) {
    if (!id.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new IllegalArgumentException(
          "boot id \"" + id + "\": letters, digits, '.', '_' and '-' only, as in " + BOOT_ID);
    }
    ByteBuffer word = ByteBuffer.wrap(id.getBytes(StandardCharsets.US_ASCII));
    return new Event(0L, 0L, -1L, 0, 0, 0L, new Environment("boot", List.of(word), List.of()));
  }

  /** That of the machine that this runs on. */
  public static String current() throws IOException {
    return Files.readString(BOOT_ID, StandardCharsets.US_ASCII).strip();
  }
}

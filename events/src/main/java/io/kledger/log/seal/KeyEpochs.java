package io.kledger.log.seal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * The last checkpoint that a key signed for each machine, kept beside the key and not beside the
 * ledger: whoever puts an older ledger back cannot have its later part sealed again. Lines {@code
 * MACHINE EPOCH HASH}, the hash that of the checkpoint's body.
 */
public final class KeyEpochs {
  private final Path file;

  /** Kept in that file; it need not be there. */
  public KeyEpochs(Path file) {
    this.file = file;
  }

  private Map<String, String> lines() {
    Map<String, String> lines = new TreeMap<>();
    if (Files.exists(file)) {
      try {
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
          int blank = line.indexOf(' ');
          if (blank > 0) {
            lines.put(line.substring(0, blank), line.substring(blank + 1));
          }
        }
      } catch (IOException e) {
        throw new SealException("cannot read " + file + ": " + e.getMessage());
      }
    }
    return lines;
  }

  private static String line(Checkpoint checkpoint) {
    return checkpoint.epoch() + " " + Checkpoint.base64(checkpoint.hash());
  }

  /** Fails unless the ledger's last checkpoint is the last one of this key. */
  void require(String machine, Checkpoint last) {
    String signed = lines().get(machine);
    if (signed != null && (last == null || !signed.equals(line(last)))) {
      long epoch = Long.parseLong(signed.substring(0, signed.indexOf(' ')));
      if (last != null && last.epoch() > epoch) {
        return;
      }
      throw new SealException(
          "this key sealed epoch "
              + epoch
              + " of machine "
              + machine
              + " already, and this ledger does not have that checkpoint: its seals were cut back,"
              + " or it is another ledger");
    }
  }

  /** Notes a checkpoint, before it is written. */
  void note(Checkpoint checkpoint) {
    Map<String, String> lines = lines();
    lines.put(checkpoint.machine(), line(checkpoint));
    StringBuilder text = new StringBuilder();
    lines.forEach((machine, line) -> text.append(machine + " " + line + "\n"));
    try {
      Path fresh = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(fresh, text, StandardCharsets.UTF_8);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new SealException("cannot write " + file + ": " + e.getMessage());
    }
  }
}

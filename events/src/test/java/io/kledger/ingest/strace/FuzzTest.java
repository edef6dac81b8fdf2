package io.kledger.ingest.strace;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.avro.Gap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damaged lines, from seeds that the failure names. */
class FuzzTest {
  private static final byte[] SALT =
      "<>()[]{}\"\\,=/* |&$_@#-+?0x \n\t\0".getBytes(StandardCharsets.US_ASCII);

  private static List<byte[]> lines() {
    List<byte[]> lines = new ArrayList<>();
    for (var archive : Corpus.archives()) {
      String name = archive.getFileName().toString();
      if (name.startsWith("style") || name.startsWith("own") || name.startsWith("prog_n")) {
        String text = new String(Corpus.trace(archive), StandardCharsets.ISO_8859_1);
        String[] all = text.split("\n");
        for (int i = 0; i < all.length; i += 7) {
          lines.add(all[i].getBytes(StandardCharsets.ISO_8859_1));
        }
      }
    }
    return lines;
  }

  @Test
  void aDamagedLineIsReadOrRefused() {
    List<byte[]> lines = lines();
    for (long seed = 0; seed < 200_000; seed++) {
      Random random = new Random(seed);
      byte[] line = damaged(lines, random);
      try {
        new StraceLineParser(StraceOptions.of("fuzz")).parse(line, 0, line.length, 1);
      } catch (StraceSyntaxException e) {
        assertThat(e.column()).isBetween(1, line.length + 1);
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError(
            "seed " + seed + ": " + new String(line, StandardCharsets.ISO_8859_1), e);
      }
    }
  }

  @Test
  void salvageAccountsForEveryLine() throws IOException {
    List<byte[]> lines = lines();
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      long expected = 0;
      for (int i = 0; i < 500; i++) {
        byte[] line = random.nextInt(4) == 0 ? damaged(lines, random) : pick(lines, random);
        text.writeBytes(line);
        text.write('\n');
      }
      byte[] bytes = text.toByteArray();
      expected = nonEmptyLines(bytes);
      StraceReader reader =
          StraceReader.open(
              new ByteArrayInputStream(bytes), StraceOptions.of("fuzz").withSalvage(true));
      long[] perLine = new long[1];
      reader.read(
          event -> {
            boolean lost =
                event.getBody() instanceof Gap gap && gap.getReason().endsWith("missing");
            perLine[0] += lost ? 0 : 1;
            return 1;
          });
      assertThat(perLine[0]).as("seed %d", seed).isEqualTo(expected);
    }
  }

  private static long nonEmptyLines(byte[] bytes) {
    long count = 0;
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        count += i > start ? 1 : 0;
        start = i + 1;
      }
    }
    return count;
  }

  private static byte[] pick(List<byte[]> lines, Random random) {
    return lines.get(random.nextInt(lines.size()));
  }

  private static byte[] damaged(List<byte[]> lines, Random random) {
    byte[] line = pick(lines, random).clone();
    for (int n = random.nextInt(4); n >= 0 && line.length > 1; n--) {
      int at = random.nextInt(line.length);
      line =
          switch (random.nextInt(5)) {
            case 0 -> spliced(line, at, at + 1, new byte[] {SALT[random.nextInt(SALT.length)]});
            case 1 -> spliced(line, at, at, new byte[] {SALT[random.nextInt(SALT.length)]});
            case 2 -> spliced(line, at, line.length, new byte[0]);
            case 3 -> {
              byte[] other = pick(lines, random);
              int from = random.nextInt(other.length);
              yield spliced(
                  line, at, line.length, java.util.Arrays.copyOfRange(other, from, other.length));
            }
            default ->
                spliced(line, at, Math.min(line.length, at + 1 + random.nextInt(9)), new byte[0]);
          };
    }
    return line;
  }

  private static byte[] spliced(byte[] line, int from, int to, byte[] middle) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(line, 0, from);
    out.writeBytes(middle);
    out.write(line, to, line.length - to);
    return out.toByteArray();
  }
}

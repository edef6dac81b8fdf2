package io.kledger.log.seal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A signed statement about the first events of a machine's log, as C2SP's tlog-checkpoint: the
 * lines origin, size, root; then {@code epoch N}, {@code chain BASE64}, {@code previous BASE64},
 * and {@code state MODEL DIGEST} where the state was sealed too; an empty line; signatures.
 *
 * @param origin {@code kledger/MACHINE}
 * @param size how many events it covers
 * @param root of the Merkle tree over them
 * @param epoch 1 for the first checkpoint of a machine, and one more each time
 * @param chain the last link of the hash chain
 * @param previous hash of the body of the checkpoint before, 32 zeros for the first
 * @param state the state after those events; null if it was not sealed
 * @param signatures signature lines as they stand
 */
public record Checkpoint(
    String origin,
    long size,
    byte[] root,
    long epoch,
    byte[] chain,
    byte[] previous,
    State state,
    List<String> signatures) {
  /**
   * What the events come to.
   *
   * @param model fingerprint of the model that folded them, 16 hexadecimal digits: only digests of
   *     the same model can be compared
   * @param digest SHA-256 of the state's rows, in hexadecimal digits
   */
  public record State(String model, String digest) {
    private static final String WORD = "state ";

    public State {
      if (!model.matches("[0-9a-f]{16}") || !digest.matches("[0-9a-f]{64}")) {
        throw new SealException("a checkpoint has a state that is none");
      }
    }

    private String line() {
      return WORD + model + " " + digest;
    }

    private static State parse(String line) {
      String[] parts = line.split(" ", -1);
      if (parts.length != 3 || !line.startsWith(WORD)) {
        throw new SealException("a checkpoint has no line \"state MODEL DIGEST\"");
      }
      return new State(parts[1], parts[2]);
    }
  }

  private static final String ORIGIN = "kledger/";
  private static final String DASH = "\u2014 ";

  static Checkpoint of(
      String machine, long size, byte[] root, byte[] chain, Checkpoint before, State state) {
    return new Checkpoint(
        ORIGIN + machine,
        size,
        root,
        before == null ? 1 : before.epoch + 1,
        chain,
        before == null ? new byte[Hashes.SIZE] : before.hash(),
        state,
        List.of());
  }

  /** The machine that it speaks of. */
  public String machine() {
    return origin.substring(ORIGIN.length());
  }

  /** What is signed: all lines before the empty one. */
  public String body() {
    return String.join(
        "\n",
        origin,
        Long.toString(size),
        base64(root),
        "epoch " + epoch,
        "chain " + base64(chain),
        "previous " + base64(previous),
        state == null ? "" : state.line() + "\n");
  }

  byte[] hash() {
    return Hashes.sha256().digest(body().getBytes(StandardCharsets.UTF_8));
  }

  Checkpoint signed(SealKey key) {
    byte[] signature = key.sign(body().getBytes(StandardCharsets.UTF_8));
    byte[] line = Arrays.copyOf(key.id(), 4 + signature.length);
    System.arraycopy(signature, 0, line, 4, signature.length);
    return new Checkpoint(
        origin,
        size,
        root,
        epoch,
        chain,
        previous,
        state,
        List.of(DASH + key.name() + " " + base64(line)));
  }

  /** Whether one of these keys signed it. */
  public boolean signedBy(List<SealKey> keys) {
    byte[] message = body().getBytes(StandardCharsets.UTF_8);
    for (String line : signatures) {
      String[] parts = line.substring(DASH.length()).split(" ");
      byte[] data = parts.length == 2 ? decode(parts[1]) : new byte[0];
      for (SealKey key : keys) {
        if (data.length == 68
            && parts[0].equals(key.name())
            && Arrays.equals(Arrays.copyOf(data, 4), key.id())
            && key.verifies(message, Arrays.copyOfRange(data, 4, data.length))) {
          return true;
        }
      }
    }
    return false;
  }

  /** The whole note. */
  public String text() {
    return body() + "\n" + String.join("\n", signatures) + "\n";
  }

  /**
   * Reads a note.
   *
   * @throws SealException if it is none
   */
  public static Checkpoint parse(String text) {
    String[] lines = text.split("\n", -1);
    int end = lines.length > 6 && !lines[6].isEmpty() ? 7 : 6;
    if (lines.length < end + 3 || !lines[0].startsWith(ORIGIN) || !lines[end].isEmpty()) {
      throw new SealException("not a checkpoint of kledger");
    }
    List<String> signatures = new ArrayList<>();
    for (String line : Arrays.asList(lines).subList(end + 1, lines.length)) {
      if (line.startsWith(DASH) && canonical(line.substring(line.lastIndexOf(' ') + 1))) {
        signatures.add(line);
      } else if (!line.isEmpty()) {
        throw new SealException("a line of the checkpoint is no signature");
      }
    }
    Checkpoint read =
        new Checkpoint(
            lines[0],
            number(lines[1]),
            hash(lines[2], ""),
            number(after(lines[3], "epoch ")),
            hash(lines[4], "chain "),
            hash(lines[5], "previous "),
            end == 7 ? State.parse(lines[6]) : null,
            signatures);
    if (!text.equals(read.text())) {
      throw new SealException("the checkpoint is not written as kledger writes it");
    }
    return read;
  }

  private static String after(String line, String word) {
    if (!line.startsWith(word)) {
      throw new SealException("a checkpoint has no line \"" + word.strip() + "\"");
    }
    return line.substring(word.length());
  }

  private static long number(String text) {
    if (!text.matches("0|[1-9][0-9]{0,17}")) {
      throw new SealException("a checkpoint has a number that is none");
    }
    return Long.parseLong(text);
  }

  private static byte[] hash(String line, String word) {
    byte[] bytes = decode(after(line, word));
    if (bytes.length != Hashes.SIZE) {
      throw new SealException("a checkpoint has a hash that is none");
    }
    return bytes;
  }

  static byte[] decode(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  /** Base64 can say the same bytes in several ways: one of them is the right one. */
  private static boolean canonical(String text) {
    return !text.isEmpty() && base64(decode(text)).equals(text);
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}

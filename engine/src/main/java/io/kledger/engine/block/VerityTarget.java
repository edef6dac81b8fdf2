package io.kledger.engine.block;

import io.kledger.event.Bytes;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Parameters of a dm-verity target: verity_ctr().
 *
 * @param wrong why they are refused; null if they are well formed
 * @param signature description of the key with the signature, null if none
 * @param keyring proposed: which keyring is to vouch, null if not said
 */
public record VerityTarget(
    String wrong,
    String data,
    String hash,
    int dataBlockSize,
    long dataBlocks,
    Bytes signature,
    Bytes keyring) {
  private static final int FIXED = 10;
  private static final Set<String> WORDS =
      new TreeSet<>(
          List.of(
              "ignore_corruption",
              "restart_on_corruption",
              "panic_on_corruption",
              "restart_on_error",
              "panic_on_error",
              "ignore_zero_blocks",
              "check_at_most_once",
              "try_verify_in_tasklet"));
  private static final Set<String> WITH_VALUE =
      new TreeSet<>(List.of("use_fec_from_device", "fec_roots", "fec_blocks", "fec_start"));

  private static VerityTarget bad(String why) {
    return new VerityTarget(why, null, null, 0, 0, null, null);
  }

  /** Reads the words; {@code keyrings}: whether the kernel knows root_hash_sig_keyring. */
  public static VerityTarget parse(String params, boolean keyrings) {
    String[] words = params.strip().split("\\s+");
    if (words.length < FIXED) {
      return bad("not enough arguments");
    }
    if (!words[0].equals("0") && !words[0].equals("1")) {
      return bad("version");
    }
    if (!blockSize(words[3]) || !blockSize(words[4])) {
      return bad("block size");
    }
    if (!words[5].matches("[0-9]{1,18}") || !words[6].matches("[0-9]{1,18}")) {
      return bad("blocks");
    }
    int digest =
        switch (words[7]) {
          case "sha1" -> 20;
          case "sha224" -> 28;
          case "sha256" -> 32;
          case "sha384" -> 48;
          case "sha512" -> 64;
          default -> 0;
        };
    if (digest == 0 || !words[8].matches("[0-9a-fA-F]{" + digest * 2 + "}")) {
      return bad("root hash");
    }
    if (!words[9].equals("-") && !words[9].matches("([0-9a-fA-F]{2}){1,256}")) {
      return bad("salt");
    }
    return options(words, keyrings);
  }

  private static boolean blockSize(String text) {
    if (!text.matches("[0-9]{3,5}")) {
      return false;
    }
    int size = Integer.parseInt(text);
    return size >= 512 && size <= 4096 && Integer.bitCount(size) == 1;
  }

  private static VerityTarget options(String[] words, boolean keyrings) {
    Bytes signature = null;
    Bytes keyring = null;
    if (words.length > FIXED) {
      boolean count = words[FIXED].matches("[0-9]{1,2}");
      int left = count ? Integer.parseInt(words[FIXED]) : -1;
      if (!count || words.length - FIXED - 1 < left) {
        return bad("number of options");
      }
      int at = FIXED + 1;
      int end = at + left;
      while (at < end) {
        String word = words[at++];
        if (WORDS.contains(word)) {
          continue;
        }
        boolean mine = word.equals("root_hash_sig_key_desc");
        boolean ring = keyrings && word.equals("root_hash_sig_keyring");
        if (!mine && !ring && !WITH_VALUE.contains(word) || at >= end) {
          return bad("option " + word);
        }
        Bytes value = Bytes.of(words[at++]);
        if (mine && signature != null || ring && keyring != null) {
          return bad("repeated option");
        }
        signature = mine ? value : signature;
        keyring = ring ? value : keyring;
      }
    }
    if (keyring != null && signature == null) {
      return bad("keyring without a signature");
    }
    return new VerityTarget(
        null,
        words[1],
        words[2],
        Integer.parseInt(words[3]),
        Long.parseLong(words[5]),
        signature,
        keyring);
  }
}

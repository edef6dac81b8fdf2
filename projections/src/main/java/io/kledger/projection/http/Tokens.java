package io.kledger.projection.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Who may do what, by the SHA-256 of bearer tokens: the file tells nobody a token. */
final class Tokens {
  /** What a token allows; to append is to read too. */
  enum Role {
    READ,
    APPEND
  }

  private final Map<String, Role> roles = new TreeMap<>();

  /**
   * Reads a file of lines {@code read|append SHA256-IN-HEX}; what follows, and lines that begin
   * with {@code #}, are comments.
   */
  static Tokens read(Path file) {
    Tokens tokens = new Tokens();
    try {
      int number = 0;
      for (String line : Files.readAllLines(file)) {
        number++;
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        String[] words = line.strip().split("\\s+");
        if (words.length < 2
            || !words[0].matches("read|append")
            || !words[1].matches("[0-9a-fA-F]{64}")) {
          throw new IllegalArgumentException(
              file + ":" + number + ": expected 'read' or 'append' and the SHA-256 of a token");
        }
        tokens.roles.put(
            words[1].toLowerCase(Locale.ROOT), Role.valueOf(words[0].toUpperCase(Locale.ROOT)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tokens;
  }

  /** The role of a token; null if there is no such token. */
  Role role(String token) {
    return roles.get(sha256(token));
  }

  static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.log.LedgerUri;
import io.kledger.log.seal.SealException;
import io.kledger.log.seal.SealFiles;
import io.kledger.log.seal.SealKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** Where seals are, and keys. */
final class SealsMixin {
  @Option(
      names = "--seals",
      paramLabel = "DIR",
      description = {
        "Directory of the machines' seals; default: seals in the ledger's directory. A ledger in"
            + " Kafka needs it."
      })
  private Path directory;

  /** The seals of a machine. */
  SealFiles files(LedgerUri uri, MachineId machine) {
    if (directory != null) {
      return new SealFiles(directory.resolve(machine.name()));
    }
    return switch (uri) {
      case LedgerUri.Directory there ->
          new SealFiles(there.path().resolve("seals").resolve(machine.name()));
      case LedgerUri.Kafka kafka ->
          throw new SealException("the ledger is in Kafka: say where its seals are with --seals");
    };
  }

  /** Whether seals can be looked for without being told where. */
  boolean known(LedgerUri uri) {
    return directory != null || uri instanceof LedgerUri.Directory;
  }

  /** No seals. */
  static SealFiles none() {
    return new SealFiles(Path.of("/nonexistent"));
  }

  /** A key: a file that holds its line, or the line itself. */
  static SealKey key(String text) throws IOException {
    if (!Files.isRegularFile(Path.of(text)) && text.chars().filter(c -> c == '+').count() >= 2) {
      return read("--key", text, SealKey::parse);
    }
    return file(Path.of(text), SealKey::parse);
  }

  /** What a file given on the command line says; one that says something else is wrong usage. */
  static <T> T file(Path file, Function<String, T> parse) throws IOException {
    return read(
        file.toString(), new String(Files.readAllBytes(file), StandardCharsets.UTF_8), parse);
  }

  private static <T> T read(String where, String text, Function<String, T> parse) {
    try {
      return parse.apply(text);
    } catch (SealException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }
}

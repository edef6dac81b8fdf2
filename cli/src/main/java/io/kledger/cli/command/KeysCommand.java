package io.kledger.cli.command;

import io.kledger.log.seal.SealKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a pair of keys. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    description = {
      "Makes an Ed25519 key to seal ledgers with: FILE (secret) and FILE.pub, which verifies; prints"
          + " the public one."
    })
public final class KeysCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "Where the secret key goes; must not exist.")
  private Path file;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The name that signatures bear, such as host.example/kledger; default: FILE's.")
  private String name;

  @Override
  public Integer call() throws IOException {
    Path open = file.resolveSibling(file.getFileName() + ".pub");
    if (Files.exists(file) || Files.exists(open)) {
      throw new FileAlreadyExistsException(Files.exists(file) ? file.toString() : open.toString());
    }
    SealKey[] pair = SealKey.generate(name == null ? file.getFileName().toString() : name);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, pair[0].text() + "\n", StandardCharsets.UTF_8);
    Files.writeString(
        open, pair[1].text() + "\n", StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
    spec.commandLine().getOut().println(pair[1].text());
    return ExitCode.SHOWN;
  }
}

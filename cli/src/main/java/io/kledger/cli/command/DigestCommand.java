package io.kledger.cli.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The digest of the state. */
@Command(
    name = "digest",
    mixinStandardHelpOptions = true,
    description = "Prints the position and the digest of the state: equal states have equal ones.")
public final class DigestCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Override
  public Integer call() throws IOException {
    return read.ledgerAt(
        (ledger, as) -> {
          read.out().println("@" + as.position() + " " + ledger.digest(as.position()));
          return ExitCode.SHOWN;
        });
  }
}

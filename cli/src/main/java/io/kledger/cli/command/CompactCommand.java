package io.kledger.cli.command;

import io.kledger.replay.Ledger;
import io.kledger.replay.When;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Cuts the stored history of the state. */
@Command(
    name = "compact",
    mixinStandardHelpOptions = true,
    description = {
      "Drops stored versions of the state that are older than a moment. The log is not touched:"
          + " states before the moment are folded from it when asked for, which takes longer."
    })
public final class CompactCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Option(
      names = "--keep",
      required = true,
      paramLabel = "WHEN",
      description = {
        "The oldest moment to keep the state of: @N, an RFC 3339 time, -7d, end, a marker's name."
            + " @0 rebuilds the whole history."
      })
  private String keep;

  @Override
  public Integer call() throws IOException {
    try (Ledger opened = ledger.open()) {
      Ledger.Compacted done = opened.compact(opened.position(When.parse(keep)));
      spec.commandLine()
          .getOut()
          .printf(
              "machine %s: history from @%d on, %d bytes before, %d now%n",
              opened.machine(), done.start(), done.bytesBefore(), done.bytesAfter());
    }
    return ExitCode.SHOWN;
  }
}

package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.log.EventLog;
import io.kledger.log.seal.Checkpoint;
import io.kledger.log.seal.KeyEpochs;
import io.kledger.log.seal.SealKey;
import io.kledger.log.seal.Sealer;
import io.kledger.replay.Ledger;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Signs what the log holds now. */
@Command(
    name = "seal",
    mixinStandardHelpOptions = true,
    description = {
      "Adds a signed checkpoint over all events of the log, and prints it. Keep it elsewhere too:"
          + " verify --checkpoint holds the ledger against it."
    })
public final class SealCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Mixin private SealsMixin seals;

  @Option(
      names = "--key",
      required = true,
      paramLabel = "FILE",
      description = "The secret key; what it sealed last is noted in FILE.epochs.")
  private Path keyFile;

  @Option(
      names = "--no-state",
      description = "Seal the events only, not the digest of the state that they come to.")
  private boolean noState;

  @Override
  public Integer call() throws IOException {
    SealKey key = SealsMixin.key(keyFile.toString());
    KeyEpochs epochs = new KeyEpochs(keyFile.resolveSibling(keyFile.getFileName() + ".epochs"));
    try (EventLog log = EventLog.open(ledger.uri(), ledger.log().withCreate(false))) {
      MachineId machine = Machines.choose(log, ledger);
      Sealer sealer = new Sealer(seals.files(ledger.uri(), machine), key, epochs);
      Checkpoint checkpoint = sealer.seal(log, machine, position -> state(machine, position));
      if (checkpoint == null) {
        return ExitCode.NOTHING;
      }
      spec.commandLine().getOut().print(checkpoint.text());
      return ExitCode.SHOWN;
    }
  }

  private Checkpoint.State state(MachineId machine, long position) {
    if (noState) {
      return null;
    }
    try (Ledger opened = ledger.open(machine)) {
      return new Checkpoint.State(opened.fingerprint(), opened.digest(position));
    }
  }
}

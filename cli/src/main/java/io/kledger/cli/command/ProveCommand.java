package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.seal.CanonicalEvent;
import io.kledger.log.seal.Checkpoint;
import io.kledger.log.seal.MerkleTree;
import io.kledger.log.seal.Proof;
import io.kledger.log.seal.SealException;
import io.kledger.log.seal.SealFiles;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes proofs that need no ledger to be checked. */
@Command(
    name = "prove",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a proof that an event is in the sealed log, or with --from-epoch that a checkpoint"
          + " covers an earlier one. verify --proof checks it with the public key alone."
    })
public final class ProveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Mixin private SealsMixin seals;

  @Parameters(arity = "0..1", paramLabel = "@N", description = "The event.")
  private String position;

  @Option(
      names = "--from-epoch",
      paramLabel = "E",
      description = "The earlier checkpoint, instead of an event.")
  private Long fromEpoch;

  @Option(
      names = "--epoch",
      paramLabel = "E",
      description = "The checkpoint to prove it for; default: the last.")
  private Long epoch;

  @Override
  public Integer call() {
    try (EventLog log = EventLog.open(ledger.uri(), ledger.log().withCreate(false))) {
      MachineId machine = Machines.choose(log, ledger);
      SealFiles files = seals.files(ledger.uri(), machine);
      List<Checkpoint> checkpoints = files.checkpoints();
      if (checkpoints.isEmpty()) {
        throw new SealException("nothing of machine " + machine + " is sealed");
      }
      Checkpoint last = epoch == null ? checkpoints.getLast() : of(checkpoints, epoch);
      try (SealFiles.Indexed leaves = files.indexed()) {
        Proof proof =
            fromEpoch == null
                ? inclusion(log, machine, leaves, last)
                : consistency(leaves, of(checkpoints, fromEpoch), last);
        spec.commandLine().getOut().print(proof.text());
      }
    }
    return ExitCode.SHOWN;
  }

  private static Checkpoint of(List<Checkpoint> checkpoints, long epoch) {
    return checkpoints.stream()
        .filter(c -> c.epoch() == epoch)
        .findFirst()
        .orElseThrow(() -> new SealException("there is no checkpoint " + epoch));
  }

  private static Proof consistency(SealFiles.Indexed leaves, Checkpoint first, Checkpoint last) {
    return new Proof.Consistency(
        first, MerkleTree.consistency(leaves, first.size(), last.size()), last);
  }

  private Proof inclusion(
      EventLog log, MachineId machine, SealFiles.Indexed leaves, Checkpoint last) {
    if (position == null || !position.matches("@?[0-9]{1,18}")) {
      throw new IllegalArgumentException("say which event: @N");
    }
    long at = Long.parseLong(position.replace("@", ""));
    if (at < 1 || at > last.size()) {
      throw new SealException(
          "event @"
              + at
              + " is not sealed: checkpoint "
              + last.epoch()
              + " covers @1 to @"
              + last.size());
    }
    try (Cursor cursor = log.read(machine, at)) {
      Event event = cursor.next();
      if (event == null) {
        throw new SealException("the log ends before event @" + at);
      }
      return new Proof.Inclusion(
          new CanonicalEvent().bytes(event),
          at - 1,
          MerkleTree.inclusion(leaves, at - 1, last.size()),
          last);
    }
  }
}

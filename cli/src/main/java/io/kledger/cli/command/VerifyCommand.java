package io.kledger.cli.command;

import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LogException;
import io.kledger.log.seal.Checkpoint;
import io.kledger.log.seal.Proof;
import io.kledger.log.seal.SealKey;
import io.kledger.log.seal.SealVerifier;
import io.kledger.replay.EventFold;
import io.kledger.replay.Ledger;
import io.kledger.store.RecordCodecs;
import io.kledger.store.StateDigest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Folds the log anew, compares with the stored state, and holds it against the seals. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Reads the whole log, holds it against its seals, folds it anew and compares the digest with"
          + " that of the stored state; exit status 3 names the first bad position."
    })
public final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Mixin private SealsMixin seals;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = {
        "A public key, or a file with it: each checkpoint must be signed by one of these. Without"
            + " any, signatures are not checked."
      })
  private List<String> keys = List.of();

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "A checkpoint that was kept elsewhere: the log must still begin with it.")
  private List<Path> trusted = List.of();

  @Option(
      names = "--proof",
      paramLabel = "FILE",
      description = "Check a proof of kledger prove instead, without a ledger.")
  private Path proof;

  @Option(
      names = "--no-replay",
      description = "Hold the log against its seals only, and fold nothing.")
  private boolean noReplay;

  private static final RecordCodecs CODECS = new RecordCodecs(Tables.ALL);

  private record Compared(Checkpoint.State sealed, String folded) {}

  /** States that were sealed, by position, and what they come to now. */
  private final SortedMap<Long, Compared> fresh = new TreeMap<>();

  private PrintWriter out;

  @Override
  public Integer call() throws IOException {
    out = spec.commandLine().getOut();
    List<SealKey> known = new ArrayList<>();
    for (String key : keys) {
      known.add(SealsMixin.key(key));
    }
    if (proof != null) {
      return proof(known);
    }
    KernelState state = new KernelState();
    MachineId machine;
    long end;
    try (EventLog log = EventLog.open(ledger.uri(), ledger.log().withCreate(false))) {
      machine = Machines.choose(log, ledger);
      end = log.end(machine);
      try (SealVerifier verifier = verifier(machine, known)) {
        for (var sealed : verifier.states().entrySet()) {
          fresh.put(sealed.getKey(), new Compared(sealed.getValue(), null));
        }
        read(log, machine, end, state, verifier);
        SealVerifier.Bad bad = verifier.finish();
        if (bad != null) {
          out.printf("bad: @%d: %s%n", bad.position(), bad.why());
          return ExitCode.DIFFERENT;
        }
        sealed(verifier, end);
      }
    }
    return noReplay ? good(machine, end, "not folded") : replayed(machine, end, state);
  }

  private SealVerifier verifier(MachineId machine, List<SealKey> known) throws IOException {
    List<Checkpoint> kept = new ArrayList<>();
    for (Path file : trusted) {
      kept.add(SealsMixin.file(file, Checkpoint::parse));
    }
    return seals.known(ledger.uri())
        ? new SealVerifier(machine.name(), seals.files(ledger.uri(), machine), known, kept)
        : new SealVerifier(machine.name(), SealsMixin.none(), known, kept);
  }

  private void read(
      EventLog log, MachineId machine, long end, KernelState state, SealVerifier verifier) {
    EventFold fold = new EventFold(Engines.create(state), EventFold.SILENT);
    long position = 0;
    try (Cursor cursor = log.read(machine, 1)) {
      for (Event event = position < end ? cursor.next() : null;
          event != null;
          event = position < end ? cursor.next() : null) {
        if (event.getPosition() != position + 1) {
          verifier.damaged(
              position + 1, "event @%d follows @%d".formatted(event.getPosition(), position));
          return;
        }
        position++;
        verifier.add(event);
        if (!noReplay) {
          fold.fold(event);
          fresh.computeIfPresent(
              position, (p, c) -> new Compared(c.sealed(), StateDigest.of(state.tables(), CODECS)));
        }
      }
      if (position < end) {
        verifier.damaged(position + 1, "the log should end at @" + end);
      }
    } catch (LogException e) {
      verifier.damaged(position + 1, e.getMessage());
    }
  }

  private void sealed(SealVerifier verifier, long end) {
    if (verifier.checkpoints() == 0) {
      out.println("note: nothing is sealed");
      return;
    }
    out.printf(
        "sealed: @1 to @%d, checkpoints %d%s%s%n",
        verifier.sealed(),
        verifier.checkpoints(),
        keys.isEmpty() ? ", signatures not checked (--key)" : ", signatures good",
        end > verifier.sealed() ? ", later events are not sealed" : "");
  }

  private int replayed(MachineId machine, long end, KernelState state) {
    try (Ledger opened = ledger.open(machine)) {
      if (!states(opened)) {
        return ExitCode.DIFFERENT;
      }
      String stored = opened.digest(end);
      String fresh = opened.digest(state);
      if (!stored.equals(fresh)) {
        out.printf(
            "bad: the stored state at @%d has digest %s, folding again gives %s%n",
            end, stored, fresh);
        return ExitCode.DIFFERENT;
      }
      return good(machine, end, "digest " + fresh);
    }
  }

  /** The states that were sealed, against those folded now and those stored. */
  private boolean states(Ledger opened) {
    int compared = 0;
    int others = 0;
    for (var entry : fresh.entrySet()) {
      long position = entry.getKey();
      Compared state = entry.getValue();
      if (!state.sealed().model().equals(opened.fingerprint())) {
        others++;
        continue;
      }
      compared++;
      String stored = opened.digest(position);
      if (!state.sealed().digest().equals(state.folded())
          || !state.sealed().digest().equals(stored)) {
        boolean folded = state.sealed().digest().equals(state.folded());
        out.printf(
            "bad: @%d: the state was sealed with digest %s, %s has %s%n",
            position,
            state.sealed().digest(),
            folded ? "the stored one" : "the one folded again",
            folded ? stored : state.folded());
        return false;
      }
    }
    if (compared + others > 0) {
      out.printf(
          "states: %d as sealed%s%n",
          compared,
          others == 0
              ? ""
              : ", " + others + " sealed by another version of the model, not compared");
    }
    return true;
  }

  private int good(MachineId machine, long end, String what) {
    out.printf("good: machine %s, events 1 to %d, %s%n", machine, end, what);
    return ExitCode.SHOWN;
  }

  private int proof(List<SealKey> known) throws IOException {
    if (known.isEmpty()) {
      throw new IllegalArgumentException("a proof is checked with a public key: give --key");
    }
    Proof read = SealsMixin.file(proof, Proof::parse);
    String wrong = read.wrong(known);
    if (wrong != null) {
      out.println("bad: " + wrong);
      return ExitCode.DIFFERENT;
    }
    out.println(
        switch (read) {
          case Proof.Inclusion in ->
              "good: event @%d of machine %s, sealed in epoch %d"
                  .formatted(in.index() + 1, in.checkpoint().machine(), in.checkpoint().epoch());
          case Proof.Consistency two ->
              "good: machine %s, epoch %d (@1 to @%d) covers epoch %d (@1 to @%d)"
                  .formatted(
                      two.second().machine(),
                      two.second().epoch(),
                      two.second().size(),
                      two.first().epoch(),
                      two.first().size());
        });
    return ExitCode.SHOWN;
  }
}

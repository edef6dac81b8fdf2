package io.kledger.cli.command;

import io.kledger.engine.Engines;
import io.kledger.event.avro.Event;
import io.kledger.kernel.KernelState;
import io.kledger.log.Cursor;
import io.kledger.log.LogException;
import io.kledger.replay.EventFold;
import io.kledger.replay.Ledger;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Folds the log anew and compares with the stored state. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Reads the whole log, folds it anew and compares the digest with that of the stored state;"
          + " exit status 3 names the first bad position."
    })
public final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (Ledger opened = ledger.open()) {
      long end = opened.end();
      KernelState state = new KernelState();
      EventFold fold = new EventFold(Engines.create(state), EventFold.SILENT);
      long position = 0;
      try (Cursor cursor = opened.events(1)) {
        for (Event event = cursor.next(); event != null && position < end; event = cursor.next()) {
          if (event.getPosition() != position + 1) {
            out.printf("bad: event @%d follows @%d%n", event.getPosition(), position);
            return ExitCode.DIFFERENT;
          }
          position++;
          fold.fold(event);
        }
      } catch (LogException.Damaged e) {
        out.printf("bad: after @%d: %s%n", position, e.getMessage());
        return ExitCode.DIFFERENT;
      }
      String stored = opened.digest(end);
      String fresh = opened.digest(state);
      if (position != end || !stored.equals(fresh)) {
        out.printf(
            "bad: the stored state at @%d has digest %s, folding again gives %s%n",
            end, stored, fresh);
        return ExitCode.DIFFERENT;
      }
      out.printf("good: machine %s, events 1 to %d, digest %s%n", opened.machine(), end, fresh);
      return ExitCode.SHOWN;
    }
  }
}

package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Marker;
import io.kledger.log.Appender;
import io.kledger.log.EventLog;
import io.kledger.replay.When;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Names a moment. */
@Command(
    name = "mark",
    mixinStandardHelpOptions = true,
    description = "Gives the end of the log a name, which --at and other verbs understand.")
public final class MarkCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Parameters(paramLabel = "NAME", description = "Letters, digits and any of . _ / -")
  private String name;

  @Override
  public Integer call() {
    if (!name.matches("[\\p{L}\\p{N}._/-]{1,200}") || !(When.parse(name) instanceof When.Mark)) {
      throw new IllegalArgumentException(
          "'" + name + "' cannot be a marker: another moment is called so, or it has blanks");
    }
    try (EventLog log = EventLog.open(ledger.uri(), ledger.log().withCreate(false))) {
      MachineId machine = Machines.choose(log, ledger);
      Instant now = Instant.now();
      long time = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
      try (Appender appender = log.appender(machine)) {
        long position = appender.append(new Event(0L, time, -1L, 0, 0, 0L, new Marker(name)));
        appender.commit();
        spec.commandLine().getOut().println("@" + position + " " + name);
      }
    }
    return ExitCode.SHOWN;
  }
}

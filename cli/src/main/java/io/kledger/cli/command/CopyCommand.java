package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.Appender;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.SourceProgress;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Copies events from one ledger to another. */
@Command(
    name = "copy",
    mixinStandardHelpOptions = true,
    description = {
      "Copies the events of a ledger to another, from a directory to Kafka or back: the same"
          + " positions, the same digests, and imports go on there where they ended. Again, it adds"
          + " what is new. --machine: only that one."
    })
public final class CopyCommand implements Callable<Integer> {
  /** Events between two commits. */
  private static final int COMMIT_EVERY = 20_000;

  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Parameters(index = "0", paramLabel = "FROM", description = "A directory, or kafka://...")
  private String from;

  @Parameters(index = "1", paramLabel = "TO", description = "The same; made if it is not there.")
  private String to;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (EventLog source = EventLog.open(LedgerUri.parse(from), ledger.log().withCreate(false));
        EventLog target = EventLog.open(LedgerUri.parse(to), ledger.log())) {
      if (source.id().equals(target.id())) {
        throw new IllegalArgumentException(from + " and " + to + " are the same ledger");
      }
      List<MachineId> machines =
          ledger.machineNamed() ? List.of(Machines.choose(source, ledger)) : source.machines();
      for (MachineId machine : machines) {
        long copied = copy(source, target, machine);
        out.printf("machine %s: %d events new, %d in all%n", machine, copied, target.end(machine));
      }
      return machines.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
    }
  }

  private static long copy(EventLog source, EventLog target, MachineId machine) {
    // In this order: what is noted of a source is then never ahead of its events.
    List<SourceProgress> progress = source.sources(machine);
    long end = source.end(machine);
    try (Appender appender = target.appender(machine)) {
      long first = appender.next();
      requireSame(source, target, machine, first - 1, end);
      if (first <= end) {
        events(source, appender, end);
      }
      if (appender.next() - 1 == end) {
        Set<SourceProgress> known = Set.copyOf(appender.sources());
        progress.stream().filter(one -> !known.contains(one)).forEach(appender::progress);
      }
      appender.commit();
      return appender.next() - first;
    }
  }

  private static void events(EventLog source, Appender appender, long end) {
    try (Cursor cursor = source.read(appender.machine(), appender.next())) {
      while (appender.next() <= end) {
        Event event = cursor.next();
        if (event == null) {
          throw new IllegalStateException("the log ends before @" + appender.next());
        }
        appender.append(event);
        if (event.getPosition() % COMMIT_EVERY == 0) {
          appender.commit();
        }
      }
    }
  }

  /** What the target has must be the beginning of what the source has. */
  private static void requireSame(
      EventLog source, EventLog target, MachineId machine, long there, long end) {
    for (long position : there == 0 ? new long[0] : new long[] {1, Math.min(there, end)}) {
      if (position == 0
          || !event(source, machine, position).equals(event(target, machine, position))) {
        throw new LogException.Failed(
            "machine "
                + machine
                + ": "
                + target.uri()
                + " has other events than "
                + source.uri()
                + " (at @"
                + position
                + "); copy to another ledger",
            null);
      }
    }
  }

  private static Event event(EventLog log, MachineId machine, long position) {
    try (Cursor cursor = log.read(machine, position)) {
      return cursor.next();
    }
  }
}

package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.cli.render.Objects;
import io.kledger.cli.render.Plain;
import io.kledger.cli.render.Tables;
import io.kledger.event.Bytes;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.path.PathText;
import io.kledger.replay.Ledger;
import io.kledger.replay.ObjectHistory;
import io.kledger.replay.ObjectHistory.Target;
import io.kledger.replay.RowHistory;
import io.kledger.store.Row;
import io.kledger.store.TableId;
import io.kledger.view.Cgroups;
import io.kledger.view.Sheet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Every version of one object. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = {
      "Shows every version of one object up to a moment: what each event made of it, before -> after.",
      "OBJECT: mount PATH|ID, fd PID:FD, cgroup PATH, task PID; row TABLE:KEY is a row as stored."
    })
public final class HistoryCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Parameters(index = "0", paramLabel = "KIND", description = "mount, fd, cgroup, task or row.")
  private String kind;

  @Parameters(index = "1", paramLabel = "NAME", description = "PATH, ID, PID:FD, PID, TABLE:KEY.")
  private String name;

  @Override
  public Integer call() throws IOException {
    return read.ledgerAt(
        (ledger, as) -> {
          long start = ledger.store().start();
          if (start > 0) {
            read.notice(
                "versions up to @"
                    + start
                    + " were dropped by kledger compact; kledger log --object finds their events");
          }
          if (kind.equals("row")) {
            return rows(ledger, as.position());
          }
          List<ObjectHistory.Version> versions = new ArrayList<>();
          List<Target> targets = targets(as.state());
          if (targets.isEmpty()) {
            read.notice(
                "no %s %s at @%d: say --at WHEN when it was there"
                    .formatted(kind, Plain.safe(name), as.position()));
          }
          for (Target target : targets) {
            versions.addAll(ObjectHistory.of(ledger, target, as.position()));
          }
          return print(versions);
        });
  }

  private int print(List<ObjectHistory.Version> versions) {
    if (read.format() == Format.text) {
      for (ObjectHistory.Version version : versions) {
        read.out().println(Objects.line(version.changed()));
        String event = Plain.safe(EventRenderer.line(version.event()));
        read.out().println("      @" + version.event().getPosition() + " " + event);
      }
    } else {
      Sheet sheet = Sheet.of("POSITION", "CHANGE", "CONCEPT", "NAME", "BEFORE", "AFTER", "EVENT");
      for (ObjectHistory.Version version : versions) {
        sheet.row(
            version.event().getPosition(),
            Objects.sign(version.changed()),
            version.changed().concept(),
            version.changed().name(),
            version.changed().before(),
            version.changed().after(),
            EventRenderer.line(version.event()));
      }
      Tables.print(read.out(), sheet, read.format(), true);
    }
    return versions.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
  }

  /** A row as it is stored: for who works on the engine. */
  private int rows(Ledger ledger, long upTo) {
    Sheet sheet = Sheet.of("POSITION", "CHANGE", "VERSION", "EVENT");
    int colon = name.indexOf(':');
    TableId<? extends Row> table = null;
    for (TableId<? extends Row> id : io.kledger.kernel.Tables.ALL) {
      table = colon > 0 && id.name().equals(name.substring(0, colon)) ? id : table;
    }
    if (table == null) {
      throw new IllegalArgumentException("row " + name + ": expected TABLE:KEY, such as mounts:7");
    }
    long key = WhyCommand.number(name.substring(colon + 1));
    for (RowHistory.Version version : ledger.history(table, key, upTo)) {
      sheet.row(
          version.event().getPosition(),
          version.change().getClass().getSimpleName(),
          version.change().after() == null ? "gone" : version.change().after().toString(),
          EventRenderer.line(version.event()));
    }
    return read.print(sheet, null);
  }

  private List<Target> targets(KernelState state) {
    List<Target> targets = new ArrayList<>();
    switch (kind) {
      case "mount" ->
          state.mounts.rows().stream()
              .filter(
                  m ->
                      name.equals(Integer.toString(m.id()))
                          || PathText.names(state, new Place(m.key(), m.root()), Place.UNKNOWN)
                              .equals(Bytes.of(name)))
              .forEach(m -> targets.add(new Target.OfMount(m.key())));
      case "cgroup" ->
          state.cgroups.rows().stream()
              .filter(c -> Bytes.of(name).equals(Cgroups.path(state, c.key())))
              .forEach(c -> targets.add(new Target.OfCgroup(c.key())));
      case "task" ->
          targets.add(
              new Target.OfTask(TaskArgument.require(state, WhyCommand.number(name)).key()));
      case "fd" -> {
        int colon = name.indexOf(':');
        if (colon < 0) {
          throw new IllegalArgumentException("fd " + name + ": expected PID:FD, such as 1234:7");
        }
        var task = TaskArgument.require(state, WhyCommand.number(name.substring(0, colon)));
        targets.add(new Target.OfFd(task.key(), WhyCommand.number(name.substring(colon + 1))));
      }
      default ->
          throw new IllegalArgumentException(
              "no kind of object is called " + kind + "; there are mount, fd, cgroup, task, row");
    }
    return targets;
  }
}

package io.kledger.cli.command;

import io.kledger.event.Bytes;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.path.PathText;
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
      "Shows every version of one object up to a moment, with the events that made them.",
      "OBJECT: mount PATH|ID, fd PID:FD, cgroup PATH, task PID, row TABLE:KEY."
    })
public final class HistoryCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Parameters(index = "0", paramLabel = "KIND", description = "mount, fd, cgroup, task or row.")
  private String kind;

  @Parameters(index = "1", paramLabel = "NAME", description = "PATH, ID, PID:FD, PID, TABLE:KEY.")
  private String name;

  private record Target(TableId<? extends Row> table, long key) {}

  @Override
  public Integer call() throws IOException {
    return read.ledgerAt(
        (ledger, as) -> {
          Sheet sheet = Sheet.of("POSITION", "CHANGE", "VERSION", "EVENT");
          long start = ledger.store().start();
          if (start > 0) {
            read.notice(
                "versions up to @"
                    + start
                    + " were dropped by kledger compact; kledger log --object finds their events");
          }
          for (Target target : targets(as.state())) {
            for (RowHistory.Version version :
                ledger.history(target.table(), target.key(), as.position())) {
              sheet.row(
                  version.event().getPosition(),
                  version.change().getClass().getSimpleName(),
                  version.change().after() == null ? "gone" : version.change().after().toString(),
                  EventRenderer.line(version.event()));
            }
          }
          return read.print(sheet, null);
        });
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
              .forEach(m -> targets.add(new Target(Tables.MOUNTS, m.key())));
      case "cgroup" ->
          state.cgroups.rows().stream()
              .filter(c -> Bytes.of(name).equals(Cgroups.path(state, c.key())))
              .forEach(c -> targets.add(new Target(Tables.CGROUPS, c.key())));
      case "task" ->
          targets.add(
              new Target(Tables.TASKS, TaskArgument.require(state, WhyCommand.number(name)).key()));
      case "fd" -> {
        int colon = name.indexOf(':');
        if (colon < 0) {
          throw new IllegalArgumentException("fd " + name + ": expected PID:FD, such as 1234:7");
        }
        var task = TaskArgument.require(state, WhyCommand.number(name.substring(0, colon)));
        int fd = WhyCommand.number(name.substring(colon + 1));
        targets.add(new Target(Tables.FDS, FdSlot.key(task.files(), fd)));
      }
      case "row" -> {
        int colon = name.indexOf(':');
        for (TableId<? extends Row> id : Tables.ALL) {
          if (colon > 0 && id.name().equals(name.substring(0, colon))) {
            targets.add(new Target(id, Long.parseLong(name.substring(colon + 1))));
          }
        }
      }
      default ->
          throw new IllegalArgumentException(
              "no kind of object is called " + kind + "; there are mount, fd, cgroup, task, row");
    }
    return targets;
  }
}

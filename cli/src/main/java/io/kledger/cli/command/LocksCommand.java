package io.kledger.cli.command;

import io.kledger.view.Locks;
import io.kledger.view.Sheet;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** File locks as lslocks(8) shows them. */
@Command(
    name = "locks",
    mixinStandardHelpOptions = true,
    description = "Shows file locks: the columns of lslocks(8), all holders, who waits since when.")
public final class LocksCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "Only locks of this process.")
  private Integer pid;

  @Option(names = "--proc", description = "Print the text of /proc/locks.")
  private boolean proc;

  @Option(
      names = "--dot",
      description = "Print who waits for whom, as a graph in the DOT language.")
  private boolean dot;

  @Override
  public Integer call() throws IOException {
    return read.show(
        as -> {
          if (dot) {
            return read.lines(Locks.dot(as.state()));
          }
          if (proc) {
            return read.lines(Locks.proc(as.state()));
          }
          Sheet sheet = Locks.sheet(as.state());
          if (pid != null) {
            sheet.rows().removeIf(row -> ((Number) row.get(1)).longValue() != pid);
          }
          return read.print(
              sheet,
              List.of(
                  "COMMAND",
                  "PID",
                  "TYPE",
                  "MODE",
                  "START",
                  "END",
                  "PATH",
                  "BLOCKER",
                  "HOLDERS",
                  "WAITING-SINCE"));
        });
  }
}

package io.kledger.cli.command;

import io.kledger.view.Fds;
import io.kledger.view.Tasks;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Open files. */
@Command(
    name = "fds",
    mixinStandardHelpOptions = true,
    description = "Shows file descriptors, as lsfd(1) and /proc/PID/fd do.")
public final class FdsCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "Only those of this process.")
  private Integer pid;

  @Override
  public Integer call() throws IOException {
    return read.show(
        as ->
            read.print(
                Fds.sheet(
                    as.state(),
                    pid == null
                        ? Tasks.all(as.state())
                        : List.of(TaskArgument.require(as.state(), pid))),
                List.of("COMMAND", "PID", "FD", "TYPE", "FLAGS", "NAME", "SINCE")));
  }
}

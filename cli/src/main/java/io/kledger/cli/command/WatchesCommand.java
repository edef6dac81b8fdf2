package io.kledger.cli.command;

import io.kledger.kernel.task.Task;
import io.kledger.view.Watches;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Watches and their queues. */
@Command(
    name = "watches",
    mixinStandardHelpOptions = true,
    description =
        "Shows instances of inotify and fanotify, what they watch, and what waits to be read.")
public final class WatchesCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "Only those that this process has.")
  private Integer pid;

  @Option(
      names = {"-q", "--queue"},
      description = "One line an event that waits to be read, oldest first.")
  private boolean queue;

  @Option(
      names = {"-m", "--marks"},
      description = "One line a watch: its descriptor, mask, inode and path.")
  private boolean marks;

  @Override
  public Integer call() throws IOException {
    return read.show(
        as -> {
          Task task = pid == null ? null : TaskArgument.require(as.state(), pid);
          if (marks) {
            return read.print(Watches.marks(as.state(), task), null);
          }
          return queue
              ? read.print(Watches.queued(as.state(), task), null)
              : read.print(
                  Watches.sheet(as.state(), task),
                  List.of("INSTANCE", "KIND", "HOLDERS", "WATCHES", "QUEUED", "BYTES", "OVERFLOW"));
        });
  }
}

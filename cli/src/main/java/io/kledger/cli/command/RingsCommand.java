package io.kledger.cli.command;

import io.kledger.kernel.task.Task;
import io.kledger.view.RingsView;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Rings and their requests. */
@Command(
    name = "rings",
    mixinStandardHelpOptions = true,
    description = "Shows io_uring instances and the requests in them.")
public final class RingsCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "Only those that this process has.")
  private Integer pid;

  @Option(
      names = {"-q", "--queue"},
      description = "One line a request, in the order they were submitted.")
  private boolean queue;

  @Override
  public Integer call() throws IOException {
    return read.show(
        as -> {
          Task task = pid == null ? null : TaskArgument.require(as.state(), pid);
          return queue
              ? read.print(RingsView.requests(as.state(), task), null)
              : read.print(
                  RingsView.sheet(as.state(), task),
                  List.of("RING", "HOLDERS", "QUEUED", "WAITING", "DONE"));
        });
  }
}

package io.kledger.cli.command;

import io.kledger.kernel.task.Task;
import io.kledger.view.SocketQueues;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sockets and their queues. */
@Command(
    name = "sockets",
    mixinStandardHelpOptions = true,
    description = "Shows sockets, and the messages in their queues with what travels with them.")
public final class SocketsCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "Only those that this process has.")
  private Integer pid;

  @Option(
      names = {"-q", "--queue"},
      description =
          "One line a message that waits to be received, oldest first: its credentials and descriptors.")
  private boolean queue;

  @Override
  public Integer call() throws IOException {
    return read.show(
        as -> {
          Task task = pid == null ? null : TaskArgument.require(as.state(), pid);
          return queue
              ? read.print(SocketQueues.queued(as.state(), task), null)
              : read.print(
                  SocketQueues.sheet(as.state(), task),
                  List.of(
                      "INODE",
                      "FAMILY",
                      "TYPE",
                      "STATE",
                      "NAME",
                      "PEER",
                      "QUEUED",
                      "INFLIGHT",
                      "OPTIONS",
                      "HOLDERS"));
        });
  }
}

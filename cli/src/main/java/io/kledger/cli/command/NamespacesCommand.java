package io.kledger.cli.command;

import io.kledger.view.Namespaces;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Namespaces as lsns(8) shows them. */
@Command(
    name = "namespaces",
    mixinStandardHelpOptions = true,
    description = "Shows namespaces, the tasks in them and the descriptors that keep them.")
public final class NamespacesCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Option(
      names = {"-t", "--type"},
      paramLabel = "TYPE",
      description = "Only mnt, uts, ipc, user, pid, net, cgroup or time.")
  private String type;

  @Override
  public Integer call() throws IOException {
    return read.show(
        as -> {
          var sheet = Namespaces.sheet(as.state());
          sheet.rows().removeIf(row -> type != null && !type.equals(row.get(1)));
          return read.print(
              sheet,
              List.of("NS", "TYPE", "NPROCS", "PID", "COMMAND", "OWNER", "PINNED-BY", "MOUNTS"));
        });
  }
}

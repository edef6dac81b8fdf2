package io.kledger.cli.command;

import io.kledger.event.Bytes;
import io.kledger.view.CgroupTree;
import io.kledger.view.Cgroups;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The cgroup hierarchy with its processes. */
@Command(
    name = "cgroups",
    mixinStandardHelpOptions = true,
    description = "Shows cgroups and the processes in them.")
public final class CgroupsCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Parameters(arity = "0..1", paramLabel = "PATH", description = "Only this cgroup and below.")
  private String path;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "Only the cgroup of this process.")
  private Integer pid;

  @Option(names = "--proc", description = "Print the text of /proc/PID/cgroup.")
  private boolean proc;

  @Option(
      names = "--tree",
      description = "Print the tree with types, events, limits and member processes.")
  private boolean tree;

  @Override
  public Integer call() throws IOException {
    return read.show(
        as -> {
          var state = as.state();
          if (proc) {
            var task = TaskArgument.orFirst(state, pid);
            return read.lines(Cgroups.proc(state, task, task));
          }
          Bytes below = path == null ? null : Bytes.of(path);
          if (pid != null) {
            below = Cgroups.path(state, TaskArgument.require(state, pid).cgroup());
          }
          if (tree) {
            return read.lines(CgroupTree.lines(state, below));
          }
          return read.print(
              Cgroups.sheet(state, below), List.of("PATH", "PROCS", "SUBTREE-CONTROL", "SINCE"));
        });
  }
}

package io.kledger.cli.command;

import io.kledger.kernel.task.Task;
import io.kledger.view.TaskTree;
import io.kledger.view.Tasks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tasks. */
@Command(
    name = "tasks",
    mixinStandardHelpOptions = true,
    description = "Shows tasks with their parents, ids, namespaces' numbers and cgroups.")
public final class TasksCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "Only this process.")
  private Integer pid;

  @Option(names = "--tree", description = "Print processes below their parents.")
  private boolean tree;

  @Option(names = "--dot", description = "Print the process tree as a graph for dot(1).")
  private boolean dot;

  @Override
  public Integer call() throws IOException {
    return read.show(
        as -> {
          if (tree || dot) {
            return read.lines(
                dot ? TaskTree.dot(as.state(), pid) : TaskTree.lines(as.state(), pid));
          }
          List<Task> tasks = new ArrayList<>(Tasks.all(as.state()));
          tasks.removeIf(task -> pid != null && Tasks.tgid(as.state(), task) != pid);
          return read.print(
              Tasks.sheet(as.state(), tasks),
              List.of(
                  "PID", "TID", "PPID", "STATE", "UID", "COMMAND", "NSPID", "CGROUP", "CWD",
                  "SINCE"));
        });
  }
}

package io.kledger.cli.command;

import io.kledger.kernel.KernelState;
import io.kledger.view.MountInfo;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The text of /proc/PID/mountinfo. */
@Command(
    name = "mountinfo",
    mixinStandardHelpOptions = true,
    description = "Prints /proc/PID/mountinfo, byte for byte as that process would read it.")
public final class MountinfoCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "Whose view; default: the oldest task.")
  private Integer pid;

  @Option(names = "--ns", paramLabel = "INODE", description = "A whole mount namespace.")
  private Long namespace;

  @Override
  public Integer call() throws IOException {
    return read.show(as -> read.lines(lines(as.state())));
  }

  private List<String> lines(KernelState state) {
    MountViewer viewer = MountViewer.of(state, pid, namespace);
    return MountInfo.lines(state, viewer.namespace(), viewer.root());
  }
}

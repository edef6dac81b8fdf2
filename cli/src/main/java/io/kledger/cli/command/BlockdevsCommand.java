package io.kledger.cli.command;

import io.kledger.view.BlockDevicesView;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Block devices as lsblk(8) and losetup(8) show them. */
@Command(
    name = "blockdevs",
    mixinStandardHelpOptions = true,
    description = "Shows block devices: size, diskseq, what they are bound to, who has them open.")
public final class BlockdevsCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Parameters(
      arity = "0..1",
      paramLabel = "PATH",
      description = "Only the device of this node, such as /dev/loop0.")
  private String path;

  @Override
  public Integer call() throws IOException {
    return read.show(
        as -> {
          var sheet = BlockDevicesView.sheet(as.state());
          sheet.rows().removeIf(row -> path != null && !path.equals(row.get(1).toString()));
          return read.print(
              sheet,
              List.of("MAJ:MIN", "PATH", "RO", "SIZE", "DISKSEQ", "BACK-FILE", "FLAGS", "HOLDERS"));
        });
  }
}

package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.cli.render.Plain;
import io.kledger.cli.render.Tables;
import io.kledger.kernel.KernelState;
import io.kledger.view.Sheet;
import io.kledger.view.StatMounts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What statmount(2) would tell. */
@Command(
    name = "statmount",
    mixinStandardHelpOptions = true,
    description =
        "Shows mounts under the names of statmount(2), in the order of listmount(2): by their 64-bit"
            + " ids. Fields that the kernel would leave unset are missing.")
public final class StatmountCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Parameters(
      arity = "0..1",
      paramLabel = "MOUNT",
      description = "Only mounts at this mount point, or the one with this 64-bit id.")
  private String wanted;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      description = "Whose view; default: the oldest task.")
  private Integer pid;

  @Option(names = "--ns", paramLabel = "INODE", description = "A whole mount namespace.")
  private Long namespace;

  @Override
  public Integer call() throws IOException {
    return read.show(as -> print(as.state()));
  }

  private int print(KernelState state) {
    MountViewer viewer = MountViewer.of(state, pid, namespace);
    Sheet all = StatMounts.sheet(state, viewer.namespace(), viewer.root(), viewer.task());
    Sheet sheet = new Sheet(all.columns(), new ArrayList<>());
    for (List<Object> row : all.rows()) {
      if (matches(row)) {
        sheet.rows().add(row);
      }
    }
    if (read.format() == Format.text) {
      text(sheet);
    } else {
      Tables.print(read.out(), sheet, read.format(), true);
    }
    return sheet.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
  }

  private boolean matches(List<Object> row) {
    if (wanted == null) {
      return true;
    }
    Object point = row.get(StatMounts.COLUMNS.indexOf("mnt_point"));
    long id = (Long) row.get(StatMounts.COLUMNS.indexOf("mnt_id"));
    return wanted.equals(point)
        || wanted.equals(Long.toUnsignedString(id))
        || wanted.equals("0x" + Long.toHexString(id));
  }

  private void text(Sheet sheet) {
    boolean first = true;
    for (List<Object> row : sheet.rows()) {
      if (!first) {
        read.out().println();
      }
      first = false;
      for (int i = 0; i < row.size(); i++) {
        Object value = row.get(i);
        if (value != null) {
          read.out().println(sheet.columns().get(i) + ": " + shown(value));
        }
      }
    }
  }

  private static String shown(Object value) {
    return switch (value) {
      case List<?> words when words.isEmpty() -> "0";
      case List<?> words -> String.join("|", words.stream().map(String::valueOf).toList());
      case Boolean truth -> truth.toString();
      default -> Plain.cell(value);
    };
  }
}

package io.kledger.cli.command;

import io.kledger.cli.render.Format;
import io.kledger.cli.render.Plain;
import io.kledger.cli.render.Tables;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.kernel.KernelState;
import io.kledger.log.Cursor;
import io.kledger.replay.AsOf;
import io.kledger.replay.FormerMounts;
import io.kledger.replay.Ledger;
import io.kledger.view.Sheet;
import io.kledger.view.Why;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Why an object exists. */
@Command(
    name = "why",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the chain of events that an object comes from, back to the causing system call.",
      "OBJECT: mount PATH, lock PATH, fd PID:FD, cgroup PATH, task PID, blockdev PATH."
    })
public final class WhyCommand implements Callable<Integer> {
  @Mixin private ReadMixin read;

  @Parameters(
      index = "0",
      paramLabel = "KIND",
      description = "mount, lock, fd, cgroup, task or blockdev.")
  private String kind;

  @Parameters(index = "1", paramLabel = "NAME", description = "PATH, PID:FD or PID.")
  private String name;

  @Option(
      names = {"-N", "--task"},
      paramLabel = "PID",
      description = "Of a mount: only in the namespace of this task.")
  private Integer pid;

  @Override
  public Integer call() throws IOException {
    return read.ledgerAt(
        (ledger, as) -> {
          List<Why.Step> steps = steps(ledger, as);
          if (read.format() == Format.text) {
            print(read.out(), ledger, steps);
          } else {
            Sheet sheet = Sheet.of("POSITION", "TEXT", "EVENT");
            for (Why.Step step : steps) {
              sheet.row(
                  step.position() == 0 ? null : step.position(),
                  step.text().strip(),
                  event(ledger, step.position()));
            }
            Tables.print(read.out(), sheet, read.format(), true);
          }
          return steps.isEmpty() ? ExitCode.NOTHING : ExitCode.SHOWN;
        });
  }

  private List<Why.Step> steps(Ledger ledger, AsOf as) {
    KernelState state = as.state();
    return switch (kind) {
      case "mount" ->
          Why.mount(
              state,
              Bytes.of(name),
              pid == null ? 0 : TaskArgument.require(state, pid).namespaces().mount(),
              new FormerMounts(ledger, as.position())::get);
      case "lock" -> Why.lock(state, Bytes.of(name));
      case "cgroup" -> Why.cgroup(state, Bytes.of(name));
      case "blockdev" -> Why.block(state, Bytes.of(name));
      case "task" -> Why.task(state, TaskArgument.require(state, number(name)));
      case "fd" -> {
        int colon = name.indexOf(':');
        if (colon < 0) {
          throw new IllegalArgumentException("fd " + name + ": expected PID:FD, such as 1234:7");
        }
        yield Why.fd(
            state,
            TaskArgument.require(state, number(name.substring(0, colon))),
            number(name.substring(colon + 1)));
      }
      default ->
          throw new IllegalArgumentException(
              "no kind of object is called "
                  + kind
                  + "; there are mount, lock, fd, cgroup, task, blockdev");
    };
  }

  static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(text + " is no number", e);
    }
  }

  static void print(PrintWriter out, Ledger ledger, List<Why.Step> steps) {
    for (Why.Step step : steps) {
      out.println(Plain.safe(step.text()));
      Bytes event = event(ledger, step.position());
      if (event != null) {
        out.println("      @" + step.position() + " " + Plain.safe(event));
      }
    }
  }

  private static Bytes event(Ledger ledger, long position) {
    if (position <= 0 || position > ledger.end()) {
      return null;
    }
    try (Cursor cursor = ledger.events(position)) {
      Event event = cursor.next();
      return event == null ? null : EventRenderer.line(event);
    }
  }
}

package io.kledger.cli;

import io.kledger.cli.command.BenchCommand;
import io.kledger.cli.command.BlockdevsCommand;
import io.kledger.cli.command.CgroupsCommand;
import io.kledger.cli.command.CheckCommand;
import io.kledger.cli.command.CompactCommand;
import io.kledger.cli.command.CompletionCommand;
import io.kledger.cli.command.CopyCommand;
import io.kledger.cli.command.CoverageCommand;
import io.kledger.cli.command.DemoCommand;
import io.kledger.cli.command.DevBrokerCommand;
import io.kledger.cli.command.DiffCommand;
import io.kledger.cli.command.DigestCommand;
import io.kledger.cli.command.ErrorReport;
import io.kledger.cli.command.ExportCommand;
import io.kledger.cli.command.FdsCommand;
import io.kledger.cli.command.FoldCommand;
import io.kledger.cli.command.HistoryCommand;
import io.kledger.cli.command.ImportCommand;
import io.kledger.cli.command.KeysCommand;
import io.kledger.cli.command.LocksCommand;
import io.kledger.cli.command.LogCommand;
import io.kledger.cli.command.MachinesCommand;
import io.kledger.cli.command.MarkCommand;
import io.kledger.cli.command.MountinfoCommand;
import io.kledger.cli.command.MountsCommand;
import io.kledger.cli.command.NamespacesCommand;
import io.kledger.cli.command.ProveCommand;
import io.kledger.cli.command.RecordCommand;
import io.kledger.cli.command.ReportCommand;
import io.kledger.cli.command.RingsCommand;
import io.kledger.cli.command.SealCommand;
import io.kledger.cli.command.ServeCommand;
import io.kledger.cli.command.SimulateCommand;
import io.kledger.cli.command.SocketsCommand;
import io.kledger.cli.command.StatmountCommand;
import io.kledger.cli.command.TasksCommand;
import io.kledger.cli.command.TopicsCommand;
import io.kledger.cli.command.VerifyCommand;
import io.kledger.cli.command.WatchCommand;
import io.kledger.cli.command.WatchesCommand;
import io.kledger.cli.command.WhatifCommand;
import io.kledger.cli.command.WhyCommand;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The root of the command line; each verb is a class in {@code io.kledger.cli.command}. */
@Command(
    name = "kledger",
    description = "An event-sourced ledger of Linux kernel state.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      DemoCommand.class,
      RecordCommand.class,
      ImportCommand.class,
      SimulateCommand.class,
      CheckCommand.class,
      MountinfoCommand.class,
      StatmountCommand.class,
      MountsCommand.class,
      LocksCommand.class,
      BlockdevsCommand.class,
      CgroupsCommand.class,
      TasksCommand.class,
      FdsCommand.class,
      SocketsCommand.class,
      WatchesCommand.class,
      RingsCommand.class,
      NamespacesCommand.class,
      LogCommand.class,
      WatchCommand.class,
      WhyCommand.class,
      HistoryCommand.class,
      DiffCommand.class,
      WhatifCommand.class,
      MarkCommand.class,
      VerifyCommand.class,
      SealCommand.class,
      ProveCommand.class,
      KeysCommand.class,
      ReportCommand.class,
      CompactCommand.class,
      DigestCommand.class,
      ExportCommand.class,
      CopyCommand.class,
      ServeCommand.class,
      FoldCommand.class,
      TopicsCommand.class,
      DevBrokerCommand.class,
      MachinesCommand.class,
      CoverageCommand.class,
      BenchCommand.class,
      CompletionCommand.class
    })
public final class Main implements Runnable {

  @Spec private CommandSpec spec;

  private Main() {}

  /** The command with all its verbs; tests run it without ending the JVM. */
  public static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new ErrorReport());
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  public static void main(String[] arguments) {
    // Libraries may log, but nobody listens: SLF4J need not say so on every start.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    PrintWriter out =
        new PrintWriter(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
            false,
            StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int status = commandLine().setOut(out).setErr(err).execute(arguments);
    out.flush();
    err.flush();
    System.exit(status);
  }
}

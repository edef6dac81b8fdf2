package io.kledger.cli;

import io.kledger.cli.command.CheckCommand;
import io.kledger.cli.command.SimulateCommand;
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
    subcommands = {CheckCommand.class, SimulateCommand.class})
public final class Main implements Runnable {

  @Spec private CommandSpec spec;

  private Main() {}

  /** The command with all its verbs; tests run it without ending the JVM. */
  public static CommandLine commandLine() {
    return new CommandLine(new Main());
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  public static void main(String[] arguments) {
    // Libraries may log, but nobody listens: SLF4J need not say so on every start.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int status = commandLine().setOut(out).setErr(err).execute(arguments);
    out.flush();
    err.flush();
    System.exit(status);
  }
}

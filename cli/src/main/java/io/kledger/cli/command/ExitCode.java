package io.kledger.cli.command;

/** What the command's exit status says. */
public final class ExitCode {
  public static final int SHOWN = 0;
  public static final int NOTHING = 1;
  public static final int USAGE = 2;
  public static final int DIFFERENT = 3;
  public static final int INCOMPLETE = 4;
  public static final int CURSOR_UNKNOWN = 10;
  public static final int CURSOR_OF_ANOTHER_LEDGER = 11;
  public static final int CURSOR_EXPIRED = 12;

  private ExitCode() {}
}

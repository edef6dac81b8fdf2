package io.kledger.cli.command;

import io.kledger.log.LogException;
import io.kledger.log.seal.SealException;
import io.kledger.replay.FeedCursor;
import io.kledger.store.StoreException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Says what went wrong in one line, and chooses the exit status. A defect shows its trace. */
public final class ErrorReport implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    if (e instanceof ParameterException usage) {
      throw usage;
    }
    PrintWriter err = command.getErr();
    switch (e) {
      case FeedCursor.Unusable cursor -> {
        err.println("kledger: " + cursor.getMessage());
        return switch (cursor.reason()) {
          case UNKNOWN -> ExitCode.CURSOR_UNKNOWN;
          case OF_ANOTHER_LEDGER -> ExitCode.CURSOR_OF_ANOTHER_LEDGER;
        };
      }
      case LogException.Damaged damaged -> {
        err.println("kledger: " + damaged.getMessage());
        return ExitCode.DIFFERENT;
      }
      case IOException io -> err.println("kledger: " + message(io));
      case LogException log -> err.println("kledger: " + message(log));
      case StoreException store -> err.println("kledger: " + message(store));
      case SealException seal -> {
        err.println("kledger: " + message(seal));
        return ExitCode.DIFFERENT;
      }
      case UncheckedIOException io -> err.println("kledger: " + message(io.getCause()));
      case IllegalArgumentException argument -> err.println("kledger: " + message(argument));
      default -> e.printStackTrace(err);
    }
    return ExitCode.USAGE;
  }

  private static String message(Exception e) {
    return switch (e) {
      case NoSuchFileException missing ->
          missing.getFile()
              + ": "
              + (missing.getReason() == null ? "no such file" : missing.getReason());
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }
}

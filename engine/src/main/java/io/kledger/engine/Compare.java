package io.kledger.engine;

import io.kledger.abi.Errno;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Outcome;
import org.apache.avro.specific.SpecificRecord;

/** Compares a predicted result with the observed one. */
final class Compare {
  private Compare() {}

  /** Null if they agree or cannot be compared. */
  static Divergence divergence(
      Event event, SpecificRecord call, Result predicted, Outcome observed) {
    if (observed.getUnknown() || observed.getError() >= 512) {
      return null;
    }
    String rule;
    switch (predicted) {
      case Result.Done done -> {
        if (observed.getError() == 0 && observed.getValue() == done.value()) {
          return null;
        }
        rule = "success";
      }
      case Result.Failed failed -> {
        if (observed.getError() == failed.errno()) {
          return null;
        }
        rule = failed.rule();
      }
      case Result.Unknown unknown -> {
        return null;
      }
      case Result.Blocked blocked -> rule = "waits for " + blocked.on();
    }
    return new Divergence(
        event.getPosition(),
        event.getTid(),
        name(call),
        text(predicted),
        observed.getError() == 0
            ? Long.toString(observed.getValue())
            : Errno.name(observed.getError()),
        rule);
  }

  /** Name of the system call of a record. */
  static String name(SpecificRecord call) {
    String name = call.getSchema().getProp("syscall");
    return name == null ? call.getSchema().getName() : name;
  }

  private static String text(Result result) {
    return switch (result) {
      case Result.Done done -> Long.toString(done.value());
      case Result.Failed failed -> Errno.name(failed.errno());
      case Result.Unknown unknown -> "unknown (" + unknown.reason() + ")";
      case Result.Blocked blocked -> "waits";
    };
  }
}

package io.kledger.replay;

import io.kledger.abi.Errno;
import io.kledger.engine.Engine;
import io.kledger.engine.Folded;
import io.kledger.engine.Result;
import io.kledger.event.avro.Clone3Call;
import io.kledger.event.avro.CloneCall;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.ForkCall;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.VforkCall;
import io.kledger.ingest.strace.CallRenderer;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.StateChange;
import io.kledger.view.Note;
import io.kledger.view.Notes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One of the two folds of {@link WhatIf}. */
final class WhatIfWorld {
  /**
   * What an event came to.
   *
   * @param predicted what the engine says; null if it is no call
   * @param result what holds: observed, or predicted where there is no observation or it was
   *     overruled; null if it is no call
   */
  record Outcome(Result predicted, String result, List<String> notes, List<StateChange> changes) {}

  private final Engine engine;
  private final Notes notes = new Notes();
  private boolean overruled;

  WhatIfWorld(Engine engine) {
    this.engine = engine;
    engine.listener(notes);
  }

  KernelState state() {
    return engine.state();
  }

  /**
   * Folds an event.
   *
   * @param elsewhere what the engine predicted in the other fold; null: observations hold
   */
  Outcome fold(Event event, Result elsewhere) {
    notes.begin();
    overruled = false;
    engine.judge(
        elsewhere == null
            ? Engine.Judge.REALITY
            : (e, predicted) -> overruled = parts(e, elsewhere, predicted));
    Folded folded;
    try {
      folded = engine.fold(event);
    } catch (RuntimeException e) {
      return new Outcome(null, "no result: " + e, List.of(), List.of());
    }
    return new Outcome(
        folded.predicted(),
        result(event, folded.predicted()),
        notes.notes().stream().map(WhatIfWorld::text).toList(),
        folded.changes());
  }

  /** A child keeps the number that its own lines of the trace have. */
  private static boolean parts(Event event, Result elsewhere, Result here) {
    if (here instanceof Result.Unknown || same(elsewhere, here)) {
      return false;
    }
    Object call = ((Syscall) event.getBody()).getCall();
    boolean birth =
        call instanceof CloneCall
            || call instanceof Clone3Call
            || call instanceof ForkCall
            || call instanceof VforkCall;
    return !(birth && elsewhere instanceof Result.Done && here instanceof Result.Done);
  }

  private static boolean same(Result a, Result b) {
    return switch (a) {
      case Result.Done done -> b instanceof Result.Done other && done.value() == other.value();
      case Result.Failed failed ->
          b instanceof Result.Failed other && failed.errno() == other.errno();
      case Result.Unknown unknown -> b instanceof Result.Unknown;
      case Result.Blocked blocked -> b instanceof Result.Blocked;
    };
  }

  private String result(Event event, Result predicted) {
    if (!(event.getBody() instanceof Syscall call)) {
      return null;
    }
    if (!call.getSimulated() && !overruled) {
      return call.getOutcome() == null ? "?" : CallRenderer.result(call.getOutcome()).latin1();
    }
    return switch (predicted) {
      case null -> "?";
      case Result.Done done -> Long.toString(done.value()) + written(done);
      case Result.Failed failed -> "-1 " + Errno.name(failed.errno()) + "  # " + failed.rule();
      case Result.Unknown unknown -> "?  # unknown: " + unknown.reason();
      case Result.Blocked blocked -> "?  # waits for " + blocked.on();
    };
  }

  /** What the call wrote into the caller's memory is a part of its result. */
  private static String written(Result.Done done) {
    return done.call() == null ? "" : "  (" + CallRenderer.arguments(done.call()).latin1() + ")";
  }

  /** Without the numbers that are given out in order. */
  private static String text(Note note) {
    Map<String, List<String>> keys = new LinkedHashMap<>(note.keys());
    keys.remove("id");
    keys.remove("ns");
    return new Note(note.type(), keys).toString();
  }
}

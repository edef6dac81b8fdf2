package io.kledger.check;

import io.kledger.engine.Engine;
import io.kledger.engine.Folded;
import io.kledger.engine.Result;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.ingest.proc.SnapshotReader;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.ingest.strace.CallRenderer;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.kernel.KernelState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Folds one recording and compares it at each snapshot. */
public final class RecordingCheck {
  private static final int SOURCE = 1;

  private final RecordingArchive archive;
  private final List<SnapshotFiles> snapshots;
  private final KernelState state = new KernelState();
  private final Engine engine;
  private final SnapshotChecker checker = new SnapshotChecker(state);
  private final List<Finding> findings = new ArrayList<>();
  private final List<UncleanSnapshot> unclean = new ArrayList<>();
  private final Dump dump;
  private Tally tally = Tally.NONE;
  private long position;
  private int next;

  private RecordingCheck(RecordingArchive archive, Path dump, Function<KernelState, Engine> engines)
      throws IOException {
    this.engine = engines.apply(state);
    this.archive = archive;
    this.snapshots = archive.snapshots();
    this.dump = dump == null ? null : new Dump(dump, archive.name(), state, checker);
  }

  /**
   * Checks a recording.
   *
   * @param engines makes the engine
   * @param dump directory to write what the engine holds at each snapshot to; null: nothing is
   *     written
   */
  public static CheckReport run(
      RecordingArchive archive, Path dump, Function<KernelState, Engine> engines) {
    if (archive.audit()) {
      return AuditCheck.run(archive, engines);
    }
    RecordingCheck check = null;
    try {
      check = new RecordingCheck(archive, dump, engines);
      check.run();
      return check.report(null);
    } catch (IOException e) {
      return check == null
          ? new CheckReport(archive.name(), Tally.NONE, List.of(), e.getMessage())
          : check.report(e.getMessage());
    }
  }

  private CheckReport report(String failure) {
    return new CheckReport(archive.name(), tally, findings, failure);
  }

  private void run() throws IOException {
    if (snapshots.isEmpty()) {
      throw new IOException(archive.name() + " has no snapshots");
    }
    SnapshotFiles first = snapshots.getFirst();
    for (Event event : SnapshotReader.events(archive.recorder(), first, SOURCE)) {
      fold(event);
    }
    checker.start(first);
    checker.begin();
    for (SnapshotChecker.View view : SnapshotChecker.views(first)) {
      findings.addAll(checker.compare(first, view));
    }
    checker.end();
    dump(first);
    next = 1;
    StraceOptions options =
        StraceOptions.of(archive.name() + "/trace.strace").withSource(SOURCE).withSalvage(true);
    try (StraceReader reader = StraceReader.open(archive.trace(), options)) {
      reader.read(event -> accept(first.line(), event));
    }
    while (next < snapshots.size()) {
      snapshot(snapshots.get(next++));
    }
    retry(Long.MAX_VALUE, 0);
  }

  private long accept(long from, Event event) throws IOException {
    if (event.getLine() <= from) {
      return 0;
    }
    while (next < snapshots.size() && event.getLine() > snapshots.get(next).line()) {
      snapshot(snapshots.get(next++));
    }
    fold(event);
    retry(event.getLine(), event.getTid());
    return position;
  }

  private void fold(Event read) {
    Event event =
        new Event(
            ++position,
            read.getRealtime(),
            read.getMonotonic(),
            read.getTid(),
            read.getSource(),
            read.getLine(),
            read.getBody());
    if (event.getBody() instanceof Gap gap && gap.getText() != null) {
      tally = tally.plusRejected();
      findings.add(
          new Finding(
              event.getLine(), "rejected", "", gap.getReason(), "column " + gap.getColumn()));
    }
    try {
      count(event, engine.fold(event));
    } catch (RuntimeException e) {
      tally = tally.plusResult(false);
      findings.add(exception(event, e));
    }
  }

  private static Finding exception(Event event, RuntimeException e) {
    StackTraceElement at = e.getStackTrace().length == 0 ? null : e.getStackTrace()[0];
    for (StackTraceElement frame : e.getStackTrace()) {
      if (frame.getClassName().startsWith("io.kledger.engine.")
          && !frame.getMethodName().equals("require")) {
        at = frame;
        break;
      }
    }
    String call = event.getBody() instanceof Syscall s ? callName(s) : bodyName(event);
    return new Finding(event.getLine(), "exception", call, "exception at " + at, e.toString());
  }

  private static String bodyName(Event event) {
    return event.getBody().getClass().getSimpleName();
  }

  private static String callName(Syscall syscall) {
    return CallRenderer.name(syscall.getCall());
  }

  private void count(Event event, Folded folded) {
    if (!(event.getBody() instanceof Syscall syscall) || syscall.getPhase() == Phase.ENTERED) {
      return;
    }
    if (folded.predicted() == null) {
      findings.add(new Finding(event.getLine(), "unmodelled", callName(syscall), "", ""));
      return;
    }
    Outcome observed = syscall.getOutcome();
    if (observed == null || observed.getUnknown() || observed.getError() >= 512) {
      return;
    }
    if (folded.predicted() instanceof Result.Unknown unknown) {
      tally = tally.plusUnknown();
      findings.add(
          new Finding(event.getLine(), "unknown", callName(syscall), unknown.reason(), ""));
    } else {
      tally = tally.plusResult(folded.divergence() == null);
      if (folded.divergence() != null) {
        var d = folded.divergence();
        findings.add(
            new Finding(
                event.getLine(),
                "result",
                d.call(),
                d.rule(),
                "kernel %s engine %s".formatted(d.observed(), d.predicted())));
      }
    }
  }

  private void snapshot(SnapshotFiles snapshot) throws IOException {
    checker.begin();
    List<SnapshotChecker.View> differing = new ArrayList<>();
    for (SnapshotChecker.View view : SnapshotChecker.views(snapshot)) {
      List<Finding> found = compare(snapshot, view);
      if (snapshot.clean() || found.isEmpty()) {
        tally = tally.plus(view.kind(), snapshot.clean(), found.isEmpty());
        findings.addAll(found);
      } else {
        differing.add(view);
      }
    }
    checker.end();
    dump(snapshot);
    if (!differing.isEmpty()) {
      unclean.add(new UncleanSnapshot(snapshot, differing));
    }
  }

  private List<Finding> compare(SnapshotFiles snapshot, SnapshotChecker.View view)
      throws IOException {
    try {
      return checker.compare(snapshot, view);
    } catch (RuntimeException e) {
      return List.of(
          new Finding(
              snapshot.line(),
              "exception",
              view.kind(),
              "exception in the view",
              e + " at " + (e.getStackTrace().length > 0 ? e.getStackTrace()[0] : "?")));
    }
  }

  /** Unclean snapshots that differed: do they agree now that a pending call was printed? */
  private void retry(long line, int tid) throws IOException {
    if (unclean.isEmpty()) {
      return;
    }
    List<UncleanSnapshot> open = new ArrayList<>(unclean);
    unclean.clear();
    for (UncleanSnapshot waiting : open) {
      waiting.printed(tid);
      List<SnapshotChecker.View> still = new ArrayList<>();
      for (SnapshotChecker.View view : waiting.views()) {
        if (compare(waiting.snapshot(), view).isEmpty()) {
          tally = tally.plus(view.kind(), false, true);
        } else {
          still.add(view);
        }
      }
      if (!still.isEmpty() && waiting.mayStillAgree(line)) {
        unclean.add(waiting.with(still));
        continue;
      }
      for (SnapshotChecker.View view : still) {
        tally = tally.plus(view.kind(), false, false);
        findings.addAll(compare(waiting.snapshot(), view));
      }
    }
  }

  private void dump(SnapshotFiles snapshot) throws IOException {
    if (dump != null) {
      dump.write(snapshot);
    }
  }
}

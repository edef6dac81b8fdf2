package io.kledger.check;

import io.kledger.engine.Engine;
import io.kledger.engine.Folded;
import io.kledger.engine.Result;
import io.kledger.event.Bytes;
import io.kledger.event.avro.CreatCall;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.MountsObserved;
import io.kledger.event.avro.OpenCall;
import io.kledger.event.avro.OpenatCall;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.Text;
import io.kledger.ingest.audit.AuditOptions;
import io.kledger.ingest.audit.AuditReader;
import io.kledger.ingest.proc.ProcText;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.strace.CallRenderer;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.FsStruct;
import io.kledger.kernel.task.Task;
import io.kledger.view.Locks;
import io.kledger.view.MountInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Folds an audit log and compares it with what the workload itself wrote down: a file {@code
 * mountinfo.N} or {@code locks.N} of the recording shows the state when a logged call opened the
 * file of that name for writing.
 */
final class AuditCheck {
  private static final long O_ACCMODE = 3;

  private final RecordingArchive archive;
  private final KernelState state = new KernelState();
  private final Engine engine;
  private final List<Finding> findings = new ArrayList<>();
  private Renamings renamings = new Renamings();
  private Tally tally = Tally.NONE;
  private long position;

  private AuditCheck(RecordingArchive archive, Function<KernelState, Engine> engines) {
    this.archive = archive;
    this.engine = engines.apply(state);
  }

  static CheckReport run(RecordingArchive archive, Function<KernelState, Engine> engines) {
    AuditCheck check = new AuditCheck(archive, engines);
    String failure = null;
    try {
      check.run();
    } catch (IOException e) {
      failure = e.getMessage();
    }
    return new CheckReport(archive.name(), check.tally, check.findings, failure);
  }

  private void run() throws IOException {
    String before = archive.mountsBefore();
    if (before != null) {
      fold(
          new Event(
              0L,
              0L,
              -1L,
              0,
              0,
              0L,
              new MountsObserved(0L, 1, ProcText.lines(archive.read(before)))));
    }
    AuditOptions options =
        AuditOptions.of(archive.name() + "/audit.log")
            .withRootKnown(before != null)
            .withSalvage(true);
    try (AuditReader reader = AuditReader.open(archive.trace(), options)) {
      reader.read(this::fold);
    }
  }

  private long fold(Event read) throws IOException {
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
      findings.add(new Finding(event.getLine(), "rejected", "", gap.getReason(), ""));
    }
    try {
      count(event, engine.fold(event));
    } catch (RuntimeException e) {
      tally = tally.plusResult(false);
      findings.add(new Finding(event.getLine(), "exception", "", e.toString(), ""));
    }
    if (event.getBody() instanceof Syscall call) {
      compare(event, call);
    }
    return position;
  }

  private void count(Event event, Folded folded) {
    if (!(event.getBody() instanceof Syscall syscall) || folded.predicted() == null) {
      return;
    }
    Outcome observed = syscall.getOutcome();
    if (observed == null || observed.getUnknown() || observed.getError() >= 512) {
      return;
    }
    if (folded.predicted() instanceof Result.Unknown unknown) {
      tally = tally.plusUnknown();
      String call = CallRenderer.name(syscall.getCall());
      findings.add(new Finding(event.getLine(), "unknown", call, unknown.reason(), ""));
      return;
    }
    tally = tally.plusResult(folded.divergence() == null);
    if (folded.divergence() != null) {
      var d = folded.divergence();
      String text = "kernel %s engine %s".formatted(d.observed(), d.predicted());
      findings.add(new Finding(event.getLine(), "result", d.call(), d.rule(), text));
    }
  }

  private void compare(Event event, Syscall syscall) throws IOException {
    String file = written(syscall);
    Task task = file == null ? null : state.task(event.getTid());
    FsStruct fs = task == null ? null : state.fs.get(task.fs());
    if (fs == null) {
      return;
    }
    List<String> expected =
        new String(archive.read(file), StandardCharsets.ISO_8859_1).lines().toList();
    Renamings tried = renamings.copy();
    String kind = file.substring(0, file.indexOf('.'));
    String why =
        kind.equals("mountinfo")
            ? tried
                .mountComparison(state)
                .difference(expected, MountInfo.lines(state, task.namespaces().mount(), fs.root()))
            : tried
                .lockComparison()
                .difference(expected, Locks.identified(state, inode -> inode.number()));
    tally = tally.plus(kind, true, why == null);
    if (why == null) {
      renamings = tried;
    } else {
      findings.add(new Finding(event.getLine(), kind, "", "", file + " " + why));
    }
  }

  /** The file of the recording that a call opens for writing, null if none. */
  private String written(Syscall syscall) {
    if (syscall.getOutcome() == null || syscall.getOutcome().getError() != 0) {
      return null;
    }
    Text path =
        switch (syscall.getCall()) {
          case OpenatCall open when (open.getFlags() & O_ACCMODE) != 0 -> open.getPath();
          case OpenCall open when (open.getFlags() & O_ACCMODE) != 0 -> open.getPath();
          case CreatCall creat -> creat.getPath();
          default -> null;
        };
    String name = path == null ? "" : Bytes.of(path.getValue()).latin1();
    String file = name.substring(name.lastIndexOf('/') + 1);
    boolean known = file.matches("(mountinfo|locks)\\.\\d+") && archive.has(file);
    return known ? file : null;
  }
}

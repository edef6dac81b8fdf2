package io.kledger.cli.command;

import io.kledger.cli.render.Plain;
import io.kledger.event.avro.Event;
import io.kledger.filter.EventFields;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.log.Cursor;
import io.kledger.log.LogException;
import io.kledger.log.SourceProgress;
import io.kledger.log.seal.Checkpoint;
import io.kledger.log.seal.SealFiles;
import io.kledger.log.seal.SealKey;
import io.kledger.log.seal.SealVerifier;
import io.kledger.replay.Ledger;
import io.kledger.replay.When;
import io.kledger.store.Store;
import io.kledger.view.Sheet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What happened, from which evidence, and what is missing: a document to keep. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a report on a part of the log: what happened to objects, from which sources, whether"
          + " the log is as it was sealed, and which gaps there are. The same log gives the same"
          + " report."
    })
public final class ReportCommand implements Callable<Integer> {
  /** How it is written. */
  enum Kind {
    html,
    json
  }

  @Spec private CommandSpec spec;

  @Mixin private LedgerMixin ledger;

  @Mixin private SealsMixin seals;

  @Parameters(
      arity = "0..*",
      paramLabel = "OBJECT",
      description = {
        "mount:PATH, task:PID, fd:PID:FD or cgroup:PATH. Default: no objects, all events of the"
            + " part."
      })
  private List<String> objects = List.of();

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      defaultValue = "@0",
      description = "After this moment; default ${DEFAULT-VALUE}.")
  private String since;

  @Option(
      names = "--until",
      paramLabel = "WHEN",
      defaultValue = "end",
      description = "Up to this moment; default ${DEFAULT-VALUE}.")
  private String until;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "html",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Kind format;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "A public key, or a file with it, that checkpoints must be signed by.")
  private List<String> keys = List.of();

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "A checkpoint that was kept elsewhere.")
  private List<Path> trusted = List.of();

  @Option(names = "--strict", description = "Exit status 4 if there are gaps in the part.")
  private boolean strict;

  @Override
  public Integer call() throws IOException {
    List<ObjectTrail.Named> named = objects.stream().map(ObjectTrail.Named::parse).toList();
    try (Ledger opened = ledger.open()) {
      long from = opened.position(When.parse(since));
      long to = opened.position(When.parse(until));
      if (from > to) {
        throw new IllegalArgumentException("--since @" + from + " is after --until @" + to);
      }
      Sheet gaps = notes(opened, Store.Note.Kind.GAP, from, to);
      Sheet defects = notes(opened, Store.Note.Kind.DEFECT, from, to);
      String bad;
      String sealed;
      try (SealVerifier verifier = verifier(opened)) {
        bad = bad(opened, verifier);
        sealed = bad != null ? "bad: " + bad : sealed(verifier, to);
      }
      String complete =
          gaps.isEmpty()
              ? "complete: no gap is known"
              : "incomplete: " + gaps.rows().size() + " gaps";
      Report report =
          new Report(
              opened.machine().name(),
              opened.log().id(),
              from,
              to,
              complete,
              sealed,
              opened.digest(to),
              sources(opened),
              gaps,
              defects,
              named.isEmpty() ? events(opened, from, to) : trail(opened, named, from, to));
      if (format == Kind.html) {
        report.html(spec.commandLine().getOut(), objects);
      } else {
        report.json(spec.commandLine().getOut());
      }
      if (bad != null) {
        return ExitCode.DIFFERENT;
      }
      return strict && !gaps.isEmpty() ? ExitCode.INCOMPLETE : ExitCode.SHOWN;
    }
  }

  private SealVerifier verifier(Ledger opened) throws IOException {
    List<SealKey> known = new ArrayList<>();
    for (String key : keys) {
      known.add(SealsMixin.key(key));
    }
    List<Checkpoint> kept = new ArrayList<>();
    for (Path file : trusted) {
      kept.add(Checkpoint.parse(Files.readString(file, StandardCharsets.UTF_8)));
    }
    SealFiles files =
        seals.known(ledger.uri()) ? seals.files(ledger.uri(), opened.machine()) : SealsMixin.none();
    return new SealVerifier(opened.machine().name(), files, known, kept);
  }

  private static String bad(Ledger opened, SealVerifier verifier) {
    long position = 0;
    try (Cursor cursor = opened.events(1)) {
      for (Event event = cursor.next(); event != null; event = cursor.next()) {
        verifier.add(event);
        position++;
      }
    } catch (LogException e) {
      verifier.damaged(position + 1, e.getMessage());
    }
    SealVerifier.Bad bad = verifier.finish();
    return bad == null ? null : "@" + bad.position() + ": " + bad.why();
  }

  private String sealed(SealVerifier verifier, long to) {
    if (verifier.checkpoints() == 0) {
      return "nothing is sealed";
    }
    String signatures = keys.isEmpty() ? "signatures not checked" : "signatures good";
    String rest =
        verifier.sealed() < to ? "; events after @" + verifier.sealed() + " are not sealed" : "";
    return "as sealed: @1 to @" + verifier.sealed() + ", " + signatures + rest;
  }

  private static Sheet sources(Ledger opened) {
    Sheet sheet = Sheet.of("SOURCE", "FORMAT", "NAME", "LINES", "BYTES", "SHA256", "WHOLE");
    for (SourceProgress source : opened.log().sources(opened.machine())) {
      sheet.row(
          source.number(),
          source.format(),
          source.name(),
          source.lines(),
          source.bytes(),
          HexFormat.of().formatHex(source.sha256()),
          source.complete());
    }
    return sheet;
  }

  private static Sheet notes(Ledger opened, Store.Note.Kind kind, long from, long to) {
    Sheet sheet = Sheet.of("POSITION", "TIME", "TEXT");
    for (Store.Note note : opened.notes(kind, to)) {
      if (note.position() > from) {
        sheet.row(note.position(), time(note.realtime()), note.text());
      }
    }
    return sheet;
  }

  private static String time(long nanos) {
    return nanos == 0 ? null : EventFields.time(nanos);
  }

  private static Sheet events(Ledger opened, long from, long to) {
    Sheet sheet = Sheet.of("POSITION", "TIME", "CHANGE", "EVENT", "SOURCE", "LINE");
    try (Cursor cursor = opened.events(from + 1)) {
      for (Event event = from < to ? cursor.next() : null;
          event != null;
          event = event.getPosition() < to ? cursor.next() : null) {
        row(sheet, event, null);
      }
    }
    return sheet;
  }

  private static Sheet trail(Ledger opened, List<ObjectTrail.Named> named, long from, long to) {
    Sheet sheet = Sheet.of("POSITION", "TIME", "CHANGE", "EVENT", "SOURCE", "LINE");
    for (ObjectTrail.Entry entry : ObjectTrail.of(opened, named, from, to)) {
      String what =
          entry.change().getClass().getSimpleName()
              + " "
              + (entry.change().after() == null ? "gone" : entry.change().after());
      row(sheet, entry.event(), what);
    }
    return sheet;
  }

  private static void row(Sheet sheet, Event event, String change) {
    sheet.row(
        event.getPosition(),
        time(event.getRealtime()),
        change,
        Plain.safe(EventRenderer.line(event)),
        event.getSource(),
        event.getLine());
  }
}

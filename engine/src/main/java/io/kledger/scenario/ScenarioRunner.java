package io.kledger.scenario;

import io.kledger.abi.Errno;
import io.kledger.engine.Engine;
import io.kledger.engine.KernelProfile;
import io.kledger.engine.Result;
import io.kledger.engine.environment.DirectiveException;
import io.kledger.event.Bytes;
import io.kledger.event.EventClasses;
import io.kledger.event.avro.Environment;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.SignalDelivered;
import io.kledger.event.avro.TaskDied;
import io.kledger.event.avro.TaskSuperseded;
import io.kledger.ingest.strace.CallRenderer;
import io.kledger.ingest.strace.StraceLine;
import io.kledger.ingest.strace.StraceLineParser;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceSyntaxException;
import io.kledger.ingest.strace.Value;
import io.kledger.kernel.KernelState;
import io.kledger.view.WaitStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecord;

/** Runs one scenario on a model machine of its own. */
public final class ScenarioRunner {
  private static final Pattern NESTED = Pattern.compile("(?<=[=(\\[ ,:])(\\$\\w+|_)(?=[,})\\]])");

  static {
    EventClasses.trust();
  }

  private final Scenario scenario;
  private final ModelMachine machine;
  private final StraceLineParser parser;
  private final Bindings bindings = new Bindings();
  private final ValueMatcher values = new ValueMatcher(bindings);
  private final ScenarioViews views;
  private final NoteMatcher notes = new NoteMatcher();
  private final List<ScenarioReport.Difference> differences = new ArrayList<>();
  private final List<String> transcript = new ArrayList<>();
  private long copied;

  private ScenarioRunner(Scenario scenario, Function<KernelState, Engine> engines) {
    this.scenario = scenario;
    KernelState state = new KernelState();
    machine = new ModelMachine(state, engines.apply(state));
    views = new ScenarioViews(state);
    parser = new StraceLineParser(StraceOptions.of(scenario.path()));
  }

  /**
   * Runs a scenario.
   *
   * @param profile kernel profile where the file has no {@code @kernel}
   * @param features slugs with {@code on} or {@code off}, over all that the file says
   */
  public static ScenarioReport run(
      Scenario scenario,
      String profile,
      List<Words.Setting> features,
      Function<KernelState, Engine> engines) {
    ScenarioRunner runner = new ScenarioRunner(scenario, engines);
    runner.run(profile, features);
    return new ScenarioReport(scenario.path(), runner.differences, runner.transcript);
  }

  /** The events that a scenario consists of, one a statement or several; none has a result. */
  public static List<Event> events(Scenario scenario, Function<KernelState, Engine> engines) {
    ScenarioRunner runner = new ScenarioRunner(scenario, engines);
    runner.run(null, List.of());
    return runner.machine.events();
  }

  private void run(String profile, List<Words.Setting> features) {
    List<Statement> statements = scenario.statements();
    Words kernel =
        !statements.isEmpty()
                && statements.getFirst() instanceof Statement.Directive d
                && d.kind().equals("kernel")
            ? d.words()
            : null;
    try {
      machine.start(kernel, profile == null ? KernelProfile.WISHLIST : profile, features);
    } catch (RuntimeException e) {
      differs(1, "the model machine", failure(e));
      return;
    }
    for (Statement statement : statements) {
      copyUpTo(statement.line());
      machine.line(statement.line());
      try {
        statement(statement);
      } catch (ScenarioViews.NoView | StraceSyntaxException e) {
        differs(statement.line(), statement.text(), e.getMessage());
      } catch (RuntimeException e) {
        differs(statement.line(), statement.text(), failure(e));
      }
    }
    endOfStatement();
    copyUpTo(scenario.lines().size() + 1L);
  }

  private static String failure(RuntimeException e) {
    StackTraceElement at = e.getStackTrace().length == 0 ? null : e.getStackTrace()[0];
    return e instanceof UnsupportedOperationException || e instanceof DirectiveException
        ? String.valueOf(e.getMessage())
        : e + " at " + at;
  }

  private void statement(Statement statement) throws ScenarioViews.NoView, StraceSyntaxException {
    switch (statement) {
      case Statement.Directive directive -> directive(directive);
      case Statement.View view -> view(view);
      case Statement.Note note -> {
        String why = notes.expect(note, bindings);
        if (why != null) {
          differs(note.line(), note.text(), why);
        }
      }
      case Statement.Traced traced -> traced(traced);
    }
  }

  private void directive(Statement.Directive directive) {
    endOfStatement();
    copy(directive.line());
    switch (directive.kind()) {
      case "kernel" -> {}
      case "notes" -> notes.exhaustive(directive.words().words());
      default -> {
        List<io.kledger.event.avro.Setting> settings = new ArrayList<>();
        for (Words.Setting setting : directive.words().settings()) {
          settings.add(
              new io.kledger.event.avro.Setting(
                  setting.key(), substituted(setting.value()).toBuffer()));
        }
        machine.directive(
            new Environment(
                directive.kind(),
                directive.words().words().stream().map(w -> substituted(w).toBuffer()).toList(),
                settings));
        notes.caused(directive.line(), machine.notes());
      }
    }
  }

  private Bytes substituted(Bytes word) {
    String text = word.latin1();
    return text.indexOf('$') < 0
        ? word
        : Bytes.of(bindings.substitute(text).getBytes(StandardCharsets.ISO_8859_1));
  }

  private void view(Statement.View view) throws ScenarioViews.NoView {
    transcript.add(scenario.lines().get((int) view.line() - 1));
    copied = view.lines().isEmpty() ? view.line() : view.lines().getLast().line();
    List<String> shown = views.lines(view);
    shown.forEach(line -> transcript.add("| " + line));
    boolean anyOrder = view.name().equals("locks") || view.name().equals("lslocks");
    List<String> actual =
        anyOrder
            ? LockGroups.arranged(
                view.lines().stream().map(Statement.View.Line::text).toList(), shown, bindings)
            : shown;
    for (int i = 0; i < view.lines().size(); i++) {
      Statement.View.Line expected = view.lines().get(i);
      if (i >= actual.size()) {
        differs(expected.line(), expected.text(), "no such line");
      } else if (!bindings.matches(expected.text(), actual.get(i))) {
        differs(expected.line(), bindings.substitute(expected.text()), actual.get(i));
      }
    }
    if (actual.size() > view.lines().size()) {
      differs(
          view.line(),
          view.lines().size() + " lines",
          actual.size() + " lines, the first too many: " + actual.get(view.lines().size()));
    }
  }

  private void traced(Statement.Traced traced) throws StraceSyntaxException {
    int tid = traced.parsed().head().tid();
    if (traced.parsed() instanceof StraceLine.Death death) {
      death(traced, tid, death);
      return;
    }
    endOfStatement();
    machine.statement(traced.parsed().head());
    switch (traced.parsed()) {
      case StraceLine.Call call -> call(traced, parse(traced.text()), Phase.WHOLE);
      case StraceLine.Unfinished unfinished -> unfinished(traced, unfinished);
      case StraceLine.Resumed resumed -> resumed(traced, resumed);
      case StraceLine.Signal signal -> {
        copy(traced.line());
        machine.body(
            tid, new SignalDelivered(signal.signal(), signal.info().toBuffer(), signal.stopped()));
      }
      case StraceLine.Superseded superseded -> {
        copy(traced.line());
        machine.body(tid, new TaskSuperseded(superseded.by()));
      }
      case StraceLine.Message message -> copy(traced.line());
      case StraceLine.Death death -> throw new IllegalStateException("handled above");
    }
    notes.caused(traced.line(), machine.notes());
  }

  /** A death that the statement above caused is an expectation; any other one is a fact. */
  private void death(Statement.Traced traced, int tid, StraceLine.Death death) {
    Integer status = machine.takeDeath(tid);
    if (status == null) {
      endOfStatement();
      machine.statement(traced.parsed().head());
      copy(traced.line());
      if (!machine.alive(tid)) {
        differs(traced.line(), traced.text(), "task " + tid + " is not there");
        return;
      }
      machine.body(tid, new TaskDied(death.status(), death.signal(), death.coreDumped()));
      machine.takeDeath(tid);
      notes.caused(traced.line(), machine.notes());
      return;
    }
    transcript.add(tid + " +++ " + WaitStatus.trace(status) + " +++");
    copied = traced.line();
    boolean same =
        death.signal() == 0
            ? WaitStatus.signal(status) == 0 && (status >> 8 & 0xff) == death.status()
            : WaitStatus.signal(status) == death.signal()
                && WaitStatus.coreDumped(status) == death.coreDumped();
    if (!same) {
      differs(traced.line(), traced.text(), tid + " +++ " + WaitStatus.trace(status) + " +++");
    }
  }

  private void call(Statement.Traced traced, StraceLine.Call call, Phase phase)
      throws StraceSyntaxException {
    Object input = typed(traced, call);
    if (input == null) {
      return;
    }
    Result result = machine.call(call.head().tid(), input, phase);
    compare(traced, call, input, result);
  }

  private void compare(
      Statement.Traced traced, StraceLine.Call expected, Object input, Result result) {
    Object output =
        result instanceof Result.Done done && done.call() != null
            ? done.call()
            : OutParameters.removed((SpecificRecord) input);
    String text = resultText(result);
    transcript.add(
        expected.head().tid()
            + " "
            + CallRenderer.name(input)
            + "("
            + CallRenderer.arguments(output).latin1()
            + ") = "
            + text);
    copied = traced.line();
    String wanted = expected.result().latin1().strip();
    if (!resultAgrees(wanted, result)) {
      differs(traced.line(), traced.text(), "= " + text);
    } else if (result instanceof Result.Done && !(output instanceof OpaqueCall)) {
      List<Value> canonical = CallRenderer.values(input);
      String why = values.difference(expected.values(), canonical, CallRenderer.values(output));
      if (why != null) {
        differs(traced.line(), traced.text(), why);
      }
    }
  }

  private boolean resultAgrees(String wanted, Result result) {
    if (wanted.startsWith("?")) {
      return !(result instanceof Result.Unknown);
    }
    return switch (result) {
      case Result.Done done -> {
        String word = wanted.split(" ")[0];
        boolean value =
            ValueMatcher.sameNumber(word, Long.toString(done.value()))
                || bindings.matches(word, Long.toString(done.value()));
        String detail = wanted.substring(word.length()).strip();
        yield value
            && (done.detail() == null
                || detail.isEmpty()
                || bindings.matches(detail, "(" + done.detail() + ")"));
      }
      case Result.Failed failed -> {
        String[] words = wanted.split(" ");
        yield words.length > 1
            && words[0].equals("-1")
            && (words[1].equals(Errno.name(failed.errno()))
                || words[1].equals("EINTR") && failed.errno() >= Errno.ERESTARTSYS);
      }
      case Result.Unknown unknown -> false;
      case Result.Blocked blocked -> false;
    };
  }

  private static String resultText(Result result) {
    return switch (result) {
      case Result.Done done ->
          done.value() + (done.detail() == null ? "" : " (" + done.detail() + ")");
      case Result.Failed failed -> "-1 " + Errno.name(failed.errno()) + "  # " + failed.rule();
      case Result.Unknown unknown -> "?  # unknown: " + unknown.reason();
      case Result.Blocked blocked -> "?  # blocked: waits for " + blocked.on();
    };
  }

  private void unfinished(Statement.Traced traced, StraceLine.Unfinished begun)
      throws StraceSyntaxException {
    copy(traced.line());
    StraceLine.Call whole = joined(traced, begun);
    Object input = typed(traced, whole);
    if (input == null) {
      return;
    }
    Result result = machine.call(begun.head().tid(), input, Phase.ENTERED);
    if (!(result instanceof Result.Blocked)) {
      differs(traced.line(), "the call waits", "= " + resultText(result));
    }
  }

  private StraceLine.Call joined(Statement.Traced first, StraceLine.Unfinished begun)
      throws StraceSyntaxException {
    String head = begun.head().tid() + " ";
    if (first.other() < 0) {
      return parse(head + begun.begun().latin1().stripTrailing().replaceAll(",$", "") + ") = ?");
    }
    Statement.Traced second = (Statement.Traced) scenario.statements().get(first.other());
    String rest = ((StraceLine.Resumed) second.parsed()).rest().latin1();
    return parse(head + begun.begun().latin1() + rest);
  }

  private void resumed(Statement.Traced traced, StraceLine.Resumed resumed)
      throws StraceSyntaxException {
    Statement.Traced first = (Statement.Traced) scenario.statements().get(traced.other());
    StraceLine.Call whole = joined(first, (StraceLine.Unfinished) first.parsed());
    Object input = typed(traced, whole);
    if (input == null) {
      return;
    }
    int tid = resumed.head().tid();
    Result result = machine.call(tid, input, Phase.RETURNED);
    compare(traced, whole, input, result);
  }

  /** The call's record; null, and a difference, if the arguments have none. */
  private Object typed(Statement.Traced traced, StraceLine.Call call) throws StraceSyntaxException {
    Object record = call.call();
    if (record instanceof OpaqueCall) {
      // Open places within structures keep them from being bound: they are out-parameters.
      String text = bindings.substitute(traced.text());
      String closed = NESTED.matcher(lineOf(traced, text)).replaceAll("0");
      record = parser.parse(closed) instanceof StraceLine.Call c ? c.call() : record;
    }
    if (record instanceof OpaqueCall opaque) {
      copy(traced.line());
      String reason = opaque.getReason();
      differs(
          traced.line(),
          traced.text(),
          "not yet: " + opaque.getName() + (reason.isEmpty() ? "" : ": " + reason));
      return null;
    }
    return record;
  }

  private String lineOf(Statement.Traced traced, String text) {
    if (traced.parsed() instanceof StraceLine.Call) {
      return text;
    }
    Statement.Traced first =
        traced.parsed() instanceof StraceLine.Resumed
            ? (Statement.Traced) scenario.statements().get(traced.other())
            : traced;
    StraceLine.Unfinished begun = (StraceLine.Unfinished) first.parsed();
    String rest =
        first.other() < 0
            ? ") = ?"
            : ((StraceLine.Resumed)
                    ((Statement.Traced) scenario.statements().get(first.other())).parsed())
                .rest()
                .latin1();
    return bindings.substitute(begun.head().tid() + " " + begun.begun().latin1() + rest);
  }

  private StraceLine.Call parse(String text) throws StraceSyntaxException {
    byte[] bytes = bindings.substitute(text).getBytes(StandardCharsets.UTF_8);
    return (StraceLine.Call) parser.parse(bytes, 0, bytes.length, 1);
  }

  /**
   * The notifications of a statement can be no more than were listed, for the families asked for.
   */
  private void endOfStatement() {
    notes
        .left()
        .forEach(note -> differs(notes.line(), "no other note of this family", note.toString()));
    machine.endOfStatement();
    notes.caused(0, List.of());
  }

  private void differs(long line, String expected, String got) {
    differences.add(new ScenarioReport.Difference(line, expected, got));
  }

  /** Copies comments and blank lines of the file before a line into the transcript. */
  private void copyUpTo(long line) {
    while (copied < line - 1) {
      String text = scenario.lines().get((int) copied);
      if (text.isBlank() || text.stripLeading().startsWith("#") || text.startsWith("note>")) {
        transcript.add(text);
      }
      copied++;
    }
  }

  private void copy(long line) {
    transcript.add(scenario.lines().get((int) line - 1));
    copied = line;
  }
}

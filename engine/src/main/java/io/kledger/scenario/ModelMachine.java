package io.kledger.scenario;

import io.kledger.engine.ChangeListener;
import io.kledger.engine.Engine;
import io.kledger.engine.Folded;
import io.kledger.engine.Result;
import io.kledger.event.Bytes;
import io.kledger.event.avro.ClockSettimeCall;
import io.kledger.event.avro.Environment;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.KernelProfile;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Setting;
import io.kledger.event.avro.Syscall;
import io.kledger.ingest.strace.LineHead;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.StateChange;
import io.kledger.kernel.change.TaskChange;
import io.kledger.kernel.task.PendingCall;
import io.kledger.kernel.task.Task;
import io.kledger.store.Row;
import io.kledger.view.Note;
import io.kledger.view.Notes;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An engine that is the kernel: events without results go in, results and notifications come out.
 */
final class ModelMachine {
  private final KernelState state;
  private final Engine engine;
  private final ModelClock clock = new ModelClock();
  private final Notes notes = new Notes();

  /** Wait status of the tasks that died of the statement, by number. */
  private final SortedMap<Integer, Integer> deaths = new TreeMap<>();

  /** Position at which the call that a task is in was entered, by number. */
  private final SortedMap<Integer, Long> entered = new TreeMap<>();

  private final List<Event> events = new ArrayList<>();
  private long position;
  private long line;

  ModelMachine(KernelState state, Engine engine) {
    this.state = state;
    this.engine = engine;
    engine.listener(
        new ChangeListener() {
          @Override
          public void before(StateChange change, KernelState now) {
            notes.before(change, now);
          }

          @Override
          public void after(StateChange change, Row before, KernelState now) {
            notes.after(change, before, now);
            if (change instanceof TaskChange.Exited exited) {
              deaths.put(exited.after().tid(), exited.after().exitStatus());
            }
          }

          @Override
          public void rolledBack(int count) {
            notes.rolledBack(count);
          }
        });
  }

  /** Boots. */
  void start(Words kernel, String otherwise, List<Words.Setting> overrides) {
    fold(0, new io.kledger.event.avro.ModelMachine("model"));
    List<Setting> features = new ArrayList<>();
    if (kernel != null) {
      kernel.settings().forEach(s -> features.add(new Setting(s.key(), s.value().toBuffer())));
    }
    overrides.forEach(s -> features.add(new Setting(s.key(), s.value().toBuffer())));
    String name =
        kernel == null || kernel.words().isEmpty()
            ? otherwise
            : kernel.words().getFirst().toString();
    fold(0, new KernelProfile(name, "x86_64", features));
    endOfStatement();
  }

  /** The line that the next events are of. */
  void line(long number) {
    line = number;
  }

  /** All events so far. */
  List<Event> events() {
    return events;
  }

  /** A statement begins: time passes. */
  void statement(LineHead head) {
    clock.statement();
    if (head.time() == LineHead.Time.EPOCH) {
      clock.trace(head.nanos());
    }
  }

  /** A fact about the world outside the calls. */
  void directive(Environment environment) {
    clock.statement();
    List<java.nio.ByteBuffer> words = environment.getWords();
    if (environment.getKind().equals("advance") && words.size() == 1) {
      clock.advance(Bytes.of(words.getFirst()).toString());
    } else if (environment.getKind().equals("clock")) {
      for (Setting setting : environment.getSettings()) {
        if (setting.getKey().equals("realtime")) {
          clock.set(Bytes.of(setting.getValue()).toString());
        }
      }
    }
    fold(0, environment);
  }

  /** An event of a task that is no call. */
  void body(int tid, Object body) {
    fold(tid, body);
  }

  /** A call without a result. A call that returns has its result where something completed it. */
  Result call(int tid, Object call, Phase phase) {
    long begun = phase == Phase.RETURNED ? entered.getOrDefault(tid, 0L) : 0;
    PendingCall pending = phase == Phase.RETURNED ? pending(tid) : null;
    Folded folded = fold(tid, new Syscall(phase, call, null, true, begun, null, null));
    if (phase == Phase.ENTERED) {
      entered.put(tid, position);
    }
    Result result = folded.predicted();
    if (result == null) {
      return new Result.Unknown("not yet: no rules for this call");
    }
    if (pending != null && pending.done() && !(result instanceof Result.Done)) {
      return pending.error() == 0
          ? Result.value(pending.value())
          : new Result.Failed(pending.error(), "the wait ended so");
    }
    if (call instanceof ClockSettimeCall set && result instanceof Result.Done) {
      clock.set(set.getTime().getSeconds(), set.getTime().getNanos());
    }
    return result;
  }

  private PendingCall pending(int tid) {
    Task task = state.task(tid);
    return task == null ? null : state.pending.get(task.key());
  }

  private Folded fold(int tid, Object body) {
    notes.begin();
    Event event = new Event(++position, clock.realtime(), clock.monotonic(), tid, 0, line, body);
    events.add(event);
    return engine.fold(event);
  }

  /** The notifications of the last event. */
  List<Note> notes() {
    return notes.notes();
  }

  /** The wait status of a task that died of the statement, once; else null. */
  Integer takeDeath(int tid) {
    return deaths.remove(tid);
  }

  boolean alive(int tid) {
    Task task = state.task(tid);
    return task != null && task.alive();
  }

  void endOfStatement() {
    deaths.clear();
  }
}

package io.kledger.replay;

import io.kledger.engine.Engine;
import io.kledger.engine.KernelFeature;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.KernelProfile;
import io.kledger.event.avro.Setting;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TracerMessage;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;
import io.kledger.view.ObjectDiff;
import io.kledger.view.StateObjects;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * Two folds side by side: the events as they are, and the same with something changed (the kernel,
 * a feature, events left out or put in). The same calls are made in both. Observed results hold in
 * the second fold as long as the engine predicts the same in both; where it predicts something
 * else, the prediction holds there.
 */
public final class WhatIf {
  /**
   * What is different in the second fold.
   *
   * @param kernel another kernel profile; null = the same
   * @param features features switched on or off
   * @param dropped the events that are left out, told with the state before them
   * @param inserted events that are put in
   * @param at position that they follow; {@link Long#MAX_VALUE}: the last
   */
  public record Change(
      String kernel,
      Map<KernelFeature, Boolean> features,
      BiPredicate<Event, KernelState> dropped,
      List<Event> inserted,
      long at) {
    /** Whether it is another kernel. */
    boolean ofKernel() {
      return kernel != null || !features.isEmpty();
    }
  }

  /** How an event takes part. */
  public enum Part {
    BOTH,
    DROPPED,
    INSERTED
  }

  /**
   * An event at which the two part.
   *
   * @param position of the event in the log; of an inserted one, the position that it follows
   * @param before result in the first fold; null if none
   * @param after result in the second; null if none
   * @param notesGone notifications that only the first has
   * @param notesNew notifications that only the second has
   * @param state objects that differ since this event, or differ otherwise than before it
   * @param healed titles of objects that do not differ any more
   */
  public record Parting(
      long position,
      Part part,
      Event event,
      String before,
      String after,
      List<String> notesGone,
      List<String> notesNew,
      List<ObjectDiff.Changed> state,
      List<String> healed) {
    /** Whether the results differ. */
    public boolean results() {
      return part == Part.BOTH && before != null && !before.equals(after);
    }
  }

  private final WhatIfWorld left;
  private final WhatIfWorld right;
  private final Change change;
  private final List<Parting> partings = new ArrayList<>();
  private final int limit;
  private Map<String, ObjectDiff.Changed> apart = new LinkedHashMap<>();
  private long position;
  private long written;
  private long shift;
  private long realtime;
  private long monotonic;
  private boolean insertedAll;
  private long more;

  /**
   * Begins.
   *
   * @param asIs has folded up to a position
   * @param changed has folded the same, independently
   * @param after the position
   * @param limit how many partings are looked at in detail; the others are counted
   */
  public WhatIf(Engine asIs, Engine changed, long after, Change change, int limit) {
    left = new WhatIfWorld(asIs);
    right = new WhatIfWorld(changed);
    this.change = change;
    this.limit = limit;
    position = after;
    written = after;
    if (change.ofKernel()) {
      Machine machine = asIs.state().machine.get(1);
      if (machine == null) {
        machine = Machine.unknown();
      }
      List<Setting> features = new ArrayList<>();
      machine.featuresOn().forEach(slug -> features.add(setting(slug, true)));
      machine.featuresOff().forEach(slug -> features.add(setting(slug, false)));
      KernelProfile profile = new KernelProfile(machine.profile(), "x86_64", features);
      Event event = new Event(0L, 0L, -1L, 0, 0, 0L, profile);
      step(event, event, Part.BOTH);
      shift++;
    }
  }

  /** Folds the next event. */
  public void event(Event event) {
    if (position == change.at()) {
      insert();
    }
    position = event.getPosition();
    boolean dropped = change.dropped().test(event, left.state());
    if (event.getRealtime() != 0) {
      realtime = event.getRealtime();
      monotonic = event.getMonotonic();
    }
    step(event, dropped ? nothing(event) : event, dropped ? Part.DROPPED : Part.BOTH);
  }

  /** No event follows. */
  public void end() {
    if (!insertedAll) {
      insert();
    }
  }

  private void insert() {
    insertedAll = true;
    for (Event event : change.inserted()) {
      Event timed =
          event.getRealtime() != 0
              ? event
              : new Event(
                  0L, realtime, monotonic, event.getTid(), 0, event.getLine(), event.getBody());
      step(nothing(timed), timed, Part.INSERTED);
      shift++;
    }
  }

  /** Where the two part, in order; no more than the limit. */
  public List<Parting> partings() {
    return partings;
  }

  /** How many further events have other results or notifications. */
  public long more() {
    return more;
  }

  /** The objects that differ now. */
  public List<ObjectDiff.Changed> apart() {
    return ObjectDiff.between(
        StateObjects.of(left.state(), false), StateObjects.of(right.state(), false));
  }

  /** The position of the last event. */
  public long position() {
    return position;
  }

  private void step(Event asIs, Event changed, Part part) {
    written++;
    WhatIfWorld.Outcome before = left.fold(placed(asIs), null);
    WhatIfWorld.Outcome after = right.fold(placed(rewritten(changed)), before.predicted());
    boolean kernel = changed.getBody() instanceof KernelProfile;
    boolean results =
        part == Part.BOTH && !java.util.Objects.equals(before.result(), after.result());
    List<String> gone = less(before.notes(), after.notes());
    List<String> fresh = less(after.notes(), before.notes());
    boolean differs = results || part != Part.BOTH || !gone.isEmpty() || !fresh.isEmpty();
    boolean changes = !kernel && !before.changes().equals(after.changes());
    if (partings.size() >= limit) {
      more += differs ? 1 : 0;
      return;
    }
    List<ObjectDiff.Changed> state = new ArrayList<>();
    List<String> healed = new ArrayList<>();
    if (differs || changes) {
      compareState(state, healed);
    }
    if (differs || !state.isEmpty() || !healed.isEmpty()) {
      Event shown = part == Part.INSERTED ? changed : asIs;
      partings.add(
          new Parting(
              position, part, shown, before.result(), after.result(), gone, fresh, state, healed));
    }
  }

  private void compareState(List<ObjectDiff.Changed> state, List<String> healed) {
    Map<String, ObjectDiff.Changed> now = new LinkedHashMap<>();
    apart().forEach(changed -> now.put(changed.title(), changed));
    now.forEach(
        (title, changed) -> {
          ObjectDiff.Changed was = apart.get(title);
          if (was == null || !said(was).equals(said(changed))) {
            state.add(changed);
          }
        });
    apart.keySet().stream().filter(title -> !now.containsKey(title)).forEach(healed::add);
    apart = now;
  }

  private static String said(ObjectDiff.Changed changed) {
    return changed.before() + " " + changed.after();
  }

  private static List<String> less(List<String> these, List<String> those) {
    List<String> rest = new ArrayList<>(these);
    those.forEach(rest::remove);
    return rest;
  }

  /** Both folds see an event at each position, so that what refers to positions agrees. */
  private Event placed(Event event) {
    Object body = event.getBody();
    if (shift != 0 && body instanceof Syscall call && call.getEntered() > 0) {
      long begun = call.getEntered();
      boolean later = change.ofKernel() || begun > change.at();
      body = Syscall.newBuilder(call).setEntered(later ? begun + shift : begun).build();
    }
    return new Event(
        written,
        event.getRealtime(),
        event.getMonotonic(),
        event.getTid(),
        event.getSource(),
        event.getLine(),
        body);
  }

  private Event rewritten(Event event) {
    if (!change.ofKernel() || !(event.getBody() instanceof KernelProfile old)) {
      return event;
    }
    List<Setting> features = new ArrayList<>();
    for (Setting setting : old.getFeatures()) {
      if (!change.features().containsKey(KernelFeature.ofSlug(setting.getKey()))) {
        features.add(setting);
      }
    }
    change.features().forEach((feature, on) -> features.add(setting(feature.slug(), on)));
    String name = change.kernel() == null ? old.getName() : change.kernel();
    KernelProfile profile = new KernelProfile(name, old.getArchitecture(), features);
    return new Event(0L, event.getRealtime(), event.getMonotonic(), 0, 0, event.getLine(), profile);
  }

  private static Setting setting(String slug, boolean on) {
    return new Setting(slug, Bytes.of(on ? "on" : "off").toBuffer());
  }

  /** What changes nothing, at the same moment. */
  private static Event nothing(Event event) {
    return new Event(
        0L,
        event.getRealtime(),
        event.getMonotonic(),
        0,
        0,
        0L,
        new TracerMessage(ByteBuffer.allocate(0)));
  }
}

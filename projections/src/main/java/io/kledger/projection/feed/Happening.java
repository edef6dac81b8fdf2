package io.kledger.projection.feed;

import io.kledger.engine.Divergence;
import io.kledger.engine.Engine;
import io.kledger.engine.Folded;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.filter.EventFields;
import io.kledger.filter.Filter;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.view.Note;
import io.kledger.view.Notes;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * One event and what it came to.
 *
 * @param pid number of the process that caused it; null if it is not known
 * @param command its name
 * @param notes what changed
 * @param divergence null where prediction and observation agree
 * @param defect how the engine failed on it; null if it did not
 * @param line the event as a line of a trace
 */
public record Happening(
    Event event,
    String pid,
    String command,
    List<Note> notes,
    Divergence divergence,
    String defect,
    Bytes line) {
  private static final Logger LOG = Logger.getLogger("io.kledger.feed");

  /** Folds an event. The notes must be the engine's listener. */
  static Happening fold(Engine engine, Notes notes, Event event) {
    notes.begin();
    String before = new EventFields(event, engine.state()).apply("proc.name");
    Folded folded = null;
    String defect = null;
    try {
      folded = engine.fold(event);
    } catch (RuntimeException e) {
      LOG.errorf(e, "the engine failed on @%d", event.getPosition());
      defect = e.toString();
    }
    Event shown = Redaction.shown(event);
    EventFields fields = new EventFields(shown, engine.state());
    String command = fields.apply("proc.name");
    return new Happening(
        shown,
        fields.apply("proc.pid"),
        command == null ? before : command,
        defect == null ? List.copyOf(notes.notes()) : List.of(),
        folded == null ? null : folded.divergence(),
        defect,
        EventRenderer.line(shown));
  }

  /** About what it takes in memory, to keep a bound. */
  long bytes() {
    return 512 + 4L * line.length() + 256L * notes.size();
  }

  public long position() {
    return event.getPosition();
  }

  /** Whether events are known to be missing here. */
  public boolean gap() {
    return event.getBody() instanceof Gap;
  }

  /** Whether the event meets a filter that looks at nothing of a change. */
  public boolean matches(Filter filter) {
    return filter.matches(this::field);
  }

  /** The notes of some families that meet a filter. */
  public List<Note> notes(Set<String> families, Filter filter) {
    return notes.stream()
        .filter(note -> families.contains(note.family()))
        .filter(
            note ->
                filter.matches(
                    field ->
                        switch (field) {
                          case "note.type" -> note.type();
                          case "note.path" ->
                              String.join(" ", note.keys().getOrDefault("path", List.of()));
                          default -> field(field);
                        }))
        .toList();
  }

  private String field(String field) {
    return switch (field) {
      case "proc.name" -> command;
      case "proc.pid" -> pid;
      default -> new EventFields(event, null).apply(field);
    };
  }
}

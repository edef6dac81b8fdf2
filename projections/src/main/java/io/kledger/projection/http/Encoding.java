package io.kledger.projection.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.kledger.projection.feed.Happening;
import io.kledger.view.Note;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Puts messages as one kind of connection carries them. Gathers them, and gives a frame. */
abstract class Encoding {
  private final Wish wish;
  protected long told = -1;
  private int changes;

  Encoding(Wish wish) {
    this.wish = wish;
  }

  /** The one for a wish, over server-sent events or a socket. */
  static Encoding of(Wish wish, ChangeJson json, boolean socket) {
    if (wish.format() == Wish.Format.NATIVE) {
      return new NativeEncoding(wish);
    }
    return socket ? new SocketJson(wish, json) : new EventStream(wish, json);
  }

  /** Tells what of an event is wanted. */
  final void tell(Happening happening) {
    if (happening.gap()) {
      gap(happening);
      told = happening.position();
    }
    List<Note> notes = happening.notes(wish.families(), wish.filter());
    if (!notes.isEmpty() && changes(happening, notes)) {
      told = happening.position();
      changes += notes.size();
    }
  }

  /** Tells that all up to a place was looked at. */
  final void checkpoint(long position) {
    place(position);
    told = position;
  }

  /** What was told, up to an event. */
  final Frame frame(long to) {
    Frame frame = told < 0 ? new Frame(to, -1, 0, null, null) : finished(to, told, changes);
    told = -1;
    changes = 0;
    return frame;
  }

  /** Tells changes; false if there is nothing to tell of these. */
  protected abstract boolean changes(Happening happening, List<Note> notes);

  protected abstract void gap(Happening happening);

  protected abstract void place(long position);

  /** A line of the state that comes before the changes; it has no cursor. */
  abstract void state(String family, String line);

  /** Something to hear that the other side is there. */
  abstract Frame heartbeat(long position);

  protected abstract Frame finished(long to, long last, int count);

  /** JSON messages, each with an id, a type and data. */
  private abstract static class Json extends Encoding {
    private final boolean cloudEvents;
    protected final ChangeJson json;

    Json(Wish wish, ChangeJson json) {
      super(wish);
      this.json = json;
      cloudEvents = wish.format() == Wish.Format.CLOUDEVENTS;
    }

    @Override
    protected boolean changes(Happening happening, List<Note> notes) {
      message(
          json.cursor(happening.position()),
          "changes",
          cloudEvents ? json.cloudEvents(happening, notes) : json.event(happening, notes));
      return true;
    }

    @Override
    protected void gap(Happening happening) {
      message(json.cursor(happening.position()), "gap", json.event(happening, List.of()));
    }

    @Override
    protected void place(long position) {
      message(json.cursor(position), "checkpoint", json.place(position));
    }

    @Override
    void state(String family, String line) {
      message(null, "state", json.state(family, line));
      told = Math.max(told, 0);
    }

    protected abstract void message(String id, String type, JsonNode data);
  }

  /** Server-sent events. */
  private static final class EventStream extends Json {
    private final StringBuilder out = new StringBuilder();

    EventStream(Wish wish, ChangeJson json) {
      super(wish, json);
    }

    @Override
    protected void message(String id, String type, JsonNode data) {
      if (id != null) {
        out.append("id: ").append(id).append('\n');
      }
      out.append("event: ").append(type).append('\n');
      out.append("data: ").append(data).append("\n\n");
    }

    @Override
    Frame heartbeat(long position) {
      return new Frame(position, position, 0, null, Buffer.buffer(": heartbeat\n\n"));
    }

    @Override
    protected Frame finished(long to, long last, int count) {
      Frame frame = new Frame(to, last, count, null, Buffer.buffer(out.toString()));
      out.setLength(0);
      return frame;
    }
  }

  /** An array of messages as a text message of a WebSocket. */
  private static final class SocketJson extends Json {
    private final StringBuilder out = new StringBuilder();

    SocketJson(Wish wish, ChangeJson json) {
      super(wish, json);
    }

    @Override
    protected void message(String id, String type, JsonNode data) {
      out.append(out.isEmpty() ? "[" : ",\n").append("{\"type\":\"").append(type).append('"');
      if (id != null) {
        // A cursor has no character that JSON would have to escape.
        out.append(",\"id\":\"").append(id).append('"');
      }
      out.append(",\"data\":").append(data).append('}');
    }

    @Override
    Frame heartbeat(long position) {
      return new Frame(position, position, 0, "[{\"type\":\"heartbeat\"}]", null);
    }

    @Override
    protected Frame finished(long to, long last, int count) {
      Frame frame = new Frame(to, last, count, out.append(']').toString(), null);
      out.setLength(0);
      return frame;
    }
  }
}

package io.kledger.projection.http;

import io.kledger.event.avro.Event;
import io.kledger.filter.EventFields;
import io.kledger.filter.Filter;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.log.Cursor;
import io.kledger.projection.feed.Families;
import io.kledger.projection.feed.Feeds;
import io.kledger.projection.feed.Happening;
import io.kledger.projection.feed.Happenings;
import io.kledger.projection.feed.MachineFeed;
import io.kledger.projection.feed.Redaction;
import io.kledger.projection.ledger.Asked;
import io.kledger.projection.ledger.Ledgers;
import io.kledger.replay.FeedCursor;
import io.kledger.view.Note;
import io.kledger.view.Sheet;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Set;

/** What happened on a machine: its events, the changes they made, and how many there were when. */
@Path("/api/v1/machines/{machine}")
public class EventsResource {
  private static final int USUAL = 200;
  private static final int MOST = 5_000;

  /** So many events are looked at for one page, whatever the filter lets through. */
  private static final int MOST_SCANNED = 20_000;

  private static final int MOST_BUCKETS = 2_000;
  private static final int MOST_MARKS = 1_000;

  @Inject Ledgers ledgers;

  @Inject Feeds feeds;

  @Context UriInfo uri;

  @Context HttpHeaders headers;

  @PathParam("machine")
  String machine;

  /**
   * A page of what happened.
   *
   * @param position up to which was asked
   * @param end position of the last event of the log
   * @param scanned position of the last event that was looked at
   * @param next cursor to go on after; null if everything asked for was looked at
   */
  public record Page(
      String machine,
      long position,
      long end,
      long gaps,
      boolean exact,
      long scanned,
      String next,
      Sheet rows) {}

  private Query query(String... allowed) {
    return new Query(ledgers.of(machine), machine, uri, headers, allowed);
  }

  /** The events after a place, in order. */
  @GET
  @Path("events")
  @Produces(MediaType.APPLICATION_JSON)
  public Response events() {
    Query query = query("after", "limit", "filter");
    Filter filter = query.filter();
    int limit = query.limit(USUAL, MOST);
    boolean folding = filter.uses("proc.name") || filter.uses("proc.pid");
    return query.json(
        asked -> {
          long after = after(query, asked);
          Sheet sheet = Sheet.of("POSITION", "TIME", "TID", "TYPE", "SOURCE", "LINE", "TEXT");
          long scanned =
              folding
                  ? Happenings.read(
                      asked,
                      after,
                      MOST_SCANNED,
                      h -> {
                        if (h.matches(filter)) {
                          row(sheet, h.event());
                        }
                        return sheet.rows().size() < limit;
                      })
                  : scan(asked, after, filter, limit, sheet);
          return page(asked, scanned, sheet);
        });
  }

  private static long scan(Asked asked, long after, Filter filter, int limit, Sheet sheet) {
    long last = after;
    try (Cursor cursor = asked.ledger().events(after + 1)) {
      for (int i = 0; i < 10 * MOST_SCANNED && last < asked.position(); i++) {
        Event event = cursor.next();
        if (event == null) {
          break;
        }
        last = event.getPosition();
        Event shown = Redaction.shown(event);
        if (filter.matches(new EventFields(shown, null))) {
          row(sheet, shown);
          if (sheet.rows().size() == limit) {
            break;
          }
        }
      }
    }
    return last;
  }

  private static void row(Sheet sheet, Event event) {
    sheet.row(
        event.getPosition(),
        event.getRealtime() == 0 ? null : EventFields.time(event.getRealtime()),
        event.getTid(),
        EventFields.type(event),
        event.getSource(),
        event.getLine(),
        EventRenderer.line(event));
  }

  /** The changes after a place, in order; those of one event are never parted. */
  @GET
  @Path("changes")
  @Produces(MediaType.APPLICATION_JSON)
  public Response changes() {
    Query query = query("after", "limit", "filter", "what");
    Filter filter = query.filter();
    int limit = query.limit(USUAL, MOST);
    Set<String> families = families(query.text("what"));
    return query.json(
        asked -> {
          Sheet sheet =
              Sheet.of(
                  "CURSOR", "POSITION", "TIME", "TID", "PID", "COMMAND", "TYPE", "KEYS", "EVENT");
          long scanned =
              Happenings.read(
                  asked,
                  after(query, asked),
                  MOST_SCANNED,
                  h -> {
                    for (Note note : h.notes(families, filter)) {
                      row(sheet, asked, h, note);
                    }
                    return sheet.rows().size() < limit;
                  });
          return page(asked, scanned, sheet);
        });
  }

  private static void row(Sheet sheet, Asked asked, Happening h, Note note) {
    long realtime = h.event().getRealtime();
    sheet.row(
        cursor(asked, h.position()),
        h.position(),
        realtime == 0 ? null : EventFields.time(realtime),
        h.event().getTid(),
        h.pid(),
        ChangeJson.text(h.command()),
        note.type(),
        ChangeJson.keys(note),
        h.line());
  }

  private Page page(Asked asked, long scanned, Sheet rows) {
    String next = scanned >= asked.position() ? null : cursor(asked, scanned);
    long gaps = Query.gaps(asked);
    return new Page(machine, asked.position(), asked.end(), gaps, gaps == 0, scanned, next, rows);
  }

  private static String cursor(Asked asked, long position) {
    return new FeedCursor(asked.ledger().log().id(), asked.ledger().machine().name(), position)
        .toString();
  }

  static Set<String> families(String what) {
    try {
      return Families.parse(what);
    } catch (IllegalArgumentException e) {
      throw new Problem(Response.Status.BAD_REQUEST, e.getMessage());
    }
  }

  /** {@code @N}, or a cursor; without either from the beginning. */
  private static long after(Query query, Asked asked) {
    return Places.after(query.text("after"), asked.ledger().log(), asked.ledger().machine());
  }

  /** How many events changed what, in buckets, with the places that matter. */
  @GET
  @Path("timeline")
  @Produces(MediaType.APPLICATION_JSON)
  public Response timeline() {
    Query query = query("from", "buckets");
    int buckets =
        query.text("buckets") == null ? USUAL : query.number("buckets", MOST_BUCKETS).intValue();
    return query.jsonNow(
        asked -> {
          MachineFeed feed = feeds.of(machine);
          long from =
              Places.after(query.text("from"), asked.ledger().log(), asked.ledger().machine());
          return feed.density()
              .timeline(Math.min(from, asked.position()), asked.position(), buckets, MOST_MARKS);
        });
  }
}

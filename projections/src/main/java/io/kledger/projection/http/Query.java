package io.kledger.projection.http;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.filter.Filter;
import io.kledger.log.Cursor;
import io.kledger.projection.ledger.Asked;
import io.kledger.projection.ledger.ServedLedger;
import io.kledger.replay.Ledger;
import io.kledger.replay.When;
import io.kledger.store.Store;
import io.kledger.view.Sheet;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** What a request asks, checked; and how it is answered. */
final class Query {
  static final String POSITION = "Kledger-Position";

  /** A filter is asked once for each row and each change: it must not be long. */
  private static final int MOST_FILTER = 2_000;

  static final String TEXT = "text/plain;charset=UTF-8";

  private final ServedLedger ledger;
  private final String machine;
  private final MultivaluedMap<String, String> parameters;
  private final HttpHeaders headers;
  private final String question;

  /** Where a page of rows begins: in the view at a position, after so many rows. */
  record Page(long position, int offset) {
    static Page parse(String text) {
      if (!text.matches("[0-9]{1,18}\\.[0-9]{1,9}")) {
        throw new Problem(
            Response.Status.BAD_REQUEST,
            "'" + text + "' is no cursor of a page: expected the `next` of an answer");
      }
      int dot = text.indexOf('.');
      return new Page(
          Long.parseLong(text.substring(0, dot)), Integer.parseInt(text.substring(dot + 1)));
    }

    @Override
    public String toString() {
      return position + "." + offset;
    }
  }

  /**
   * Checks the names of the parameters: one that is written wrong must not silently give the view
   * of another moment.
   *
   * @param allowed beside {@code at}
   */
  Query(ServedLedger ledger, String machine, UriInfo uri, HttpHeaders headers, String... allowed) {
    this.ledger = ledger;
    this.machine = machine;
    this.parameters = uri.getQueryParameters();
    this.headers = headers;
    this.question = uri.getRequestUri().getRawPath() + "?" + uri.getRequestUri().getRawQuery();
    List<String> known = new ArrayList<>(List.of("at"));
    Collections.addAll(known, allowed);
    parameters.forEach(
        (name, values) -> {
          if (!known.contains(name)) {
            throw new Problem(
                Response.Status.BAD_REQUEST,
                "unknown parameter '" + name + "'; there are " + String.join(", ", known));
          }
          if (values.size() > 1) {
            throw new Problem(
                Response.Status.BAD_REQUEST, "parameter '" + name + "' is given twice");
          }
        });
  }

  /** Parameters of a view of rows beside its own. */
  static String[] withRows(String... own) {
    List<String> all = new ArrayList<>(List.of(own));
    Collections.addAll(all, "columns", "q", "filter", "limit", "cursor");
    return all.toArray(String[]::new);
  }

  String machine() {
    return machine;
  }

  /** What is to be shown of changes and events. */
  Filter filter() {
    return filter(text("filter"));
  }

  /** What is to be shown, as it was written; null is everything. */
  static Filter filter(String text) {
    return filter(text, Filter.FIELDS);
  }

  private static Filter filter(String text, Set<String> fields) {
    if (text != null && text.length() > MOST_FILTER) {
      throw new Problem(
          Response.Status.BAD_REQUEST, "a filter has at most " + MOST_FILTER + " characters");
    }
    try {
      return text == null ? Filter.all() : Filter.parse(text, fields);
    } catch (IllegalArgumentException e) {
      throw new Problem(Response.Status.BAD_REQUEST, e.getMessage());
    }
  }

  /** How many are wanted at most. */
  int limit(int usual, int most) {
    Long limit = number("limit", most);
    return limit == null ? usual : limit.intValue();
  }

  /** A parameter's text, or null. */
  String text(String name) {
    return parameters.getFirst(name);
  }

  /** A parameter that is a number above 0, or null. */
  Long number(String name, long most) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    if (text.matches("[0-9]{1,18}")) {
      long number = Long.parseLong(text);
      if (number > 0 && number <= most) {
        return number;
      }
    }
    throw new Problem(
        Response.Status.BAD_REQUEST,
        "'" + text + "' is no " + name + ": expected a number from 1 to " + most);
  }

  Integer pid() {
    Long pid = number("pid", Integer.MAX_VALUE);
    return pid == null ? null : pid.intValue();
  }

  private When when() {
    String at = text("at");
    if (text("cursor") != null) {
      return new When.At(Page.parse(text("cursor")).position());
    }
    try {
      return at == null ? When.END : When.parse(at);
    } catch (IllegalArgumentException e) {
      throw new Problem(Response.Status.BAD_REQUEST, e.getMessage());
    }
  }

  /** Answers with what the view makes of the state, and with the position in a header. */
  private Response answer(Function<Asked, Response.ResponseBuilder> view) {
    return untagged(asked -> unlessKnown(asked, view));
  }

  private Response untagged(Function<Asked, Response.ResponseBuilder> view) {
    When when = when();
    Response response =
        MachineId.isValid(machine)
            ? ledger.ask(
                new MachineId(machine),
                when,
                asked ->
                    view.apply(asked)
                        .header(POSITION, asked.position())
                        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                        .build())
            : null;
    if (response == null) {
      throw new Problem(
          Response.Status.NOT_FOUND,
          "ledger " + ledger.uri() + " has no machine '" + machine + "'; see /api/v1/machines");
    }
    return response;
  }

  /**
   * The answer depends on the log up to the position, the model and the question, and on nothing
   * else: these are its tag. With the tag at hand the client needs no answer.
   */
  private Response.ResponseBuilder unlessKnown(
      Asked asked, Function<Asked, Response.ResponseBuilder> view) {
    String text =
        String.join(
            "\n",
            asked.ledger().log().id(),
            asked.ledger().fingerprint(),
            machine,
            Long.toString(asked.position()),
            Long.toString(asked.end()),
            question,
            String.valueOf(headers.getHeaderString(HttpHeaders.ACCEPT)));
    String tag = '"' + Tokens.sha256(text).substring(0, 32) + '"';
    String known = headers.getHeaderString(HttpHeaders.IF_NONE_MATCH);
    Response.ResponseBuilder answer =
        known != null && known.contains(tag) ? Response.notModified() : view.apply(asked);
    return answer.header(HttpHeaders.ETAG, tag).header(HttpHeaders.CACHE_CONTROL, "no-cache");
  }

  /** A view in JSON only. */
  Response json(Function<Asked, ?> view) {
    return answer(asked -> Response.ok(view.apply(asked), MediaType.APPLICATION_JSON_TYPE));
  }

  /** What depends on more than the log and the question: it has no tag, and is asked for again. */
  Response jsonNow(Function<Asked, ?> view) {
    return untagged(
        asked ->
            Response.ok(view.apply(asked), MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store"));
  }

  /** A view that the kernel too has a text for; one char a byte. */
  Response textOrJson(
      boolean textFirst, Function<Asked, List<String>> text, Function<Asked, ?> json) {
    return wantsText(textFirst) ? answer(asked -> plain(text.apply(asked))) : json(json);
  }

  private static Response.ResponseBuilder plain(List<String> lines) {
    StringBuilder body = new StringBuilder();
    lines.forEach(line -> body.append(line).append('\n'));
    return Response.ok(body.toString().getBytes(StandardCharsets.ISO_8859_1), TEXT);
  }

  private boolean wantsText(boolean textFirst) {
    for (MediaType type : headers.getAcceptableMediaTypes()) {
      boolean text = type.isCompatible(MediaType.TEXT_PLAIN_TYPE);
      boolean json = type.isCompatible(MediaType.APPLICATION_JSON_TYPE);
      if (text || json) {
        return text && json ? textFirst : text;
      }
    }
    return textFirst;
  }

  /** A view's rows, or a page of them, with what there is to say about the moment. */
  Answer rows(Asked asked, Sheet rows) {
    Sheet matching = matching(rows);
    int total = matching.rows().size();
    int offset = text("cursor") == null ? 0 : Math.min(total, Page.parse(text("cursor")).offset());
    int to = (int) Math.min(total, (long) offset + limit(Integer.MAX_VALUE, Integer.MAX_VALUE));
    Sheet page =
        new Sheet(matching.columns(), new ArrayList<>(matching.rows().subList(offset, to)));
    String next = to == total ? null : new Page(asked.position(), to).toString();
    long gaps = gaps(asked);
    return new Answer(
        machine, asked.position(), asked.end(), gaps, gaps == 0, total, next, selected(page));
  }

  /** Rows of which a value contains the text that was searched for, and that meet the filter. */
  private Sheet matching(Sheet rows) {
    String wanted = text("q");
    List<String> fields =
        rows.columns().stream().map(column -> column.toLowerCase(Locale.ROOT)).toList();
    Filter filter = filter(text("filter"), new TreeSet<>(fields));
    if ((wanted == null || wanted.isEmpty()) && text("filter") == null) {
      return rows;
    }
    Sheet result = new Sheet(rows.columns(), new ArrayList<>());
    for (List<Object> row : rows.rows()) {
      boolean contains =
          wanted == null
              || row.stream().anyMatch(value -> value != null && value.toString().contains(wanted));
      if (contains && filter.matches(field -> value(row.get(fields.indexOf(field))))) {
        result.rows().add(row);
      }
    }
    return result;
  }

  private static String value(Object value) {
    return value == null ? null : value.toString();
  }

  private Sheet selected(Sheet rows) {
    String columns = text("columns");
    try {
      return columns == null
          ? rows
          : rows.select(List.of(columns.toUpperCase(Locale.ROOT).split(",")));
    } catch (IllegalArgumentException e) {
      throw new Problem(Response.Status.BAD_REQUEST, e.getMessage());
    }
  }

  /** Noted by the fold up to the stored position; counted in the log beyond. */
  static long gaps(Asked asked) {
    Ledger ledger = asked.ledger();
    long gaps = ledger.notes(Store.Note.Kind.GAP, asked.position()).size();
    long stored = ledger.store().position();
    if (stored < asked.position()) {
      try (Cursor cursor = ledger.events(stored + 1)) {
        for (Event event = cursor.next();
            event != null && event.getPosition() <= asked.position();
            event = cursor.next()) {
          gaps += event.getBody() instanceof Gap ? 1 : 0;
        }
      }
    }
    return gaps;
  }
}

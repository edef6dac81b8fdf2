package io.kledger.projection.http;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
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
import java.util.function.Function;

/** What a request asks, checked; and how it is answered. */
final class Query {
  static final String POSITION = "Kledger-Position";
  static final String TEXT = "text/plain;charset=UTF-8";

  private final ServedLedger ledger;
  private final String machine;
  private final MultivaluedMap<String, String> parameters;
  private final HttpHeaders headers;

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

  String machine() {
    return machine;
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
    try {
      return at == null ? When.END : When.parse(at);
    } catch (IllegalArgumentException e) {
      throw new Problem(Response.Status.BAD_REQUEST, e.getMessage());
    }
  }

  /** Answers with what the view makes of the state, and with the position in a header. */
  private Response answer(Function<Asked, Response.ResponseBuilder> view) {
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

  /** A view in JSON only. */
  Response json(Function<Asked, ?> view) {
    return answer(asked -> Response.ok(view.apply(asked), MediaType.APPLICATION_JSON_TYPE));
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

  /** A view's rows with what there is to say about the moment. */
  Answer rows(Asked asked, Sheet rows) {
    return new Answer(machine, asked.position(), asked.end(), gaps(asked), rows);
  }

  /** Noted by the fold up to the stored position; counted in the log beyond. */
  private static long gaps(Asked asked) {
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

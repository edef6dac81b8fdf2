package io.kledger.projection.http;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.path.PathText;
import io.kledger.log.Cursor;
import io.kledger.projection.feed.Redaction;
import io.kledger.projection.ledger.Asked;
import io.kledger.projection.ledger.Ledgers;
import io.kledger.replay.AsOf;
import io.kledger.replay.FormerMounts;
import io.kledger.replay.RowHistory;
import io.kledger.replay.StateDiff;
import io.kledger.replay.When;
import io.kledger.store.Row;
import io.kledger.store.TableId;
import io.kledger.view.Cgroups;
import io.kledger.view.ObjectDiff;
import io.kledger.view.Sheet;
import io.kledger.view.StateObjects;
import io.kledger.view.Why;
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
import java.util.ArrayList;
import java.util.List;

/** Where things come from: chains of events, versions of an object, what differs. */
@Path("/api/v1/machines/{machine}")
@Produces(MediaType.APPLICATION_JSON)
public class WhyResource {
  private static final String KINDS = "mount, lock, fd, cgroup, task, blockdev";

  @Inject Ledgers ledgers;

  @Context UriInfo uri;

  @Context HttpHeaders headers;

  @PathParam("machine")
  String machine;

  private record Target(TableId<? extends Row> table, long key) {}

  private Query query(String... allowed) {
    return new Query(ledgers.of(machine), machine, uri, headers, Query.withRows(allowed));
  }

  private static String required(Query query, String name, String example) {
    String text = query.text(name);
    if (text == null || text.isEmpty()) {
      throw new Problem(
          Response.Status.BAD_REQUEST, "parameter '" + name + "' is missing, such as " + example);
    }
    return text;
  }

  private static int number(String text) {
    if (!text.matches("[0-9]{1,9}")) {
      throw new Problem(Response.Status.BAD_REQUEST, "'" + text + "' is no number");
    }
    return Integer.parseInt(text);
  }

  /** PID and descriptor of {@code PID:FD}. */
  private static int[] descriptor(String name) {
    int colon = name.indexOf(':');
    if (colon < 0) {
      throw new Problem(
          Response.Status.BAD_REQUEST, "fd " + name + ": expected PID:FD, such as 1234:7");
    }
    return new int[] {number(name.substring(0, colon)), number(name.substring(colon + 1))};
  }

  private static Problem noKind(String kind, String kinds) {
    return new Problem(
        Response.Status.BAD_REQUEST,
        "no kind of object is called " + kind + "; there are " + kinds);
  }

  /** The chain of events that an object comes from. */
  @GET
  @Path("why")
  public Response why() {
    Query query = query("kind", "name", "pid");
    String kind = required(query, "kind", "kind=mount");
    String name = required(query, "name", "name=/run");
    Integer pid = query.pid();
    return query.json(
        asked -> {
          Sheet sheet = Sheet.of("POSITION", "TEXT", "EVENT", "SOURCE", "LINE");
          for (Why.Step step : steps(asked, kind, name, pid)) {
            Event event = event(asked, step.position());
            sheet.row(
                step.position() == 0 ? null : step.position(),
                ChangeJson.text(step.text()),
                event == null ? null : EventRenderer.line(Redaction.shown(event)),
                event == null ? null : event.getSource(),
                event == null ? null : event.getLine());
          }
          return query.rows(asked, sheet);
        });
  }

  private List<Why.Step> steps(Asked asked, String kind, String name, Integer pid) {
    KernelState state = asked.state();
    Selected in = new Selected(asked, machine);
    return switch (kind) {
      case "mount" ->
          Why.mount(
              state,
              Bytes.of(name),
              pid == null ? 0 : in.task(pid).namespaces().mount(),
              new FormerMounts(asked.ledger(), asked.position())::get);
      case "lock" -> Why.lock(state, Bytes.of(name));
      case "cgroup" -> Why.cgroup(state, Bytes.of(name));
      case "blockdev" -> Why.block(state, Bytes.of(name));
      case "task" -> Why.task(state, in.task(number(name)));
      case "fd" -> {
        int[] fd = descriptor(name);
        yield Why.fd(state, in.task(fd[0]), fd[1]);
      }
      default -> throw noKind(kind, KINDS);
    };
  }

  private static Event event(Asked asked, long position) {
    if (position <= 0 || position > asked.end()) {
      return null;
    }
    try (Cursor cursor = asked.ledger().events(position)) {
      return cursor.next();
    }
  }

  /** Every version of an object that is there at the moment, up to it or to {@code to}. */
  @GET
  @Path("history")
  public Response history() {
    Query query = query("kind", "name", "to");
    String kind = required(query, "kind", "kind=mount");
    String name = required(query, "name", "name=/run");
    return query.json(
        asked -> {
          Sheet sheet = Sheet.of("POSITION", "CHANGE", "VERSION", "EVENT");
          long upTo = query.text("to") == null ? asked.position() : moment(asked, query.text("to"));
          for (Target target : targets(asked, kind, name)) {
            for (RowHistory.Version version :
                asked.ledger().history(target.table(), target.key(), upTo)) {
              Row after = version.change().after();
              sheet.row(
                  version.event().getPosition(),
                  version.change().getClass().getSimpleName(),
                  after == null ? "gone" : ChangeJson.text(after.toString()),
                  EventRenderer.line(Redaction.shown(version.event())));
            }
          }
          return query.rows(asked, sheet);
        });
  }

  private List<Target> targets(Asked asked, String kind, String name) {
    KernelState state = asked.state();
    Selected in = new Selected(asked, machine);
    List<Target> targets = new ArrayList<>();
    switch (kind) {
      case "mount" ->
          state.mounts.rows().stream()
              .filter(
                  m ->
                      name.equals(Integer.toString(m.id()))
                          || PathText.names(state, new Place(m.key(), m.root()), Place.UNKNOWN)
                              .equals(Bytes.of(name)))
              .forEach(m -> targets.add(new Target(Tables.MOUNTS, m.key())));
      case "cgroup" ->
          state.cgroups.rows().stream()
              .filter(c -> Bytes.of(name).equals(Cgroups.path(state, c.key())))
              .forEach(c -> targets.add(new Target(Tables.CGROUPS, c.key())));
      case "task" -> targets.add(new Target(Tables.TASKS, in.task(number(name)).key()));
      case "fd" -> {
        int[] fd = descriptor(name);
        targets.add(new Target(Tables.FDS, FdSlot.key(in.task(fd[0]).files(), fd[1])));
      }
      case "row" -> {
        int colon = name.indexOf(':');
        for (TableId<? extends Row> id : Tables.ALL) {
          if (colon > 0 && id.name().equals(name.substring(0, colon))) {
            targets.add(new Target(id, number(name.substring(colon + 1))));
          }
        }
        if (targets.isEmpty()) {
          throw new Problem(
              Response.Status.BAD_REQUEST,
              "row " + name + ": expected TABLE:KEY, such as mounts:5");
        }
      }
      default -> throw noKind(kind, "mount, fd, cgroup, task, row");
    }
    return targets;
  }

  /**
   * What differs between {@code from} and the moment: mounts, locks, cgroups, tasks, descriptors
   * and namespaces, or ({@code view=rows}) the rows of all tables.
   */
  @GET
  @Path("diff")
  public Response diff() {
    Query query = query("from", "view");
    String from = required(query, "from", "from=@100");
    String view = query.text("view") == null ? "objects" : query.text("view");
    if (!view.equals("objects") && !view.equals("rows")) {
      throw new Problem(Response.Status.BAD_REQUEST, "view=" + view + ": expected objects or rows");
    }
    return query.json(
        asked -> {
          if (view.equals("objects")) {
            return query.rows(asked, objects(asked, moment(asked, from)));
          }
          Sheet sheet = Sheet.of("CHANGE", "TABLE", "KEY", "BEFORE", "AFTER");
          for (StateDiff.Changed changed :
              asked.ledger().diff(moment(asked, from), asked.position())) {
            sheet.row(
                changed.before() == null ? "+" : changed.after() == null ? "-" : "~",
                changed.table().name(),
                changed.key(),
                changed.before() == null ? null : ChangeJson.text(changed.before().toString()),
                changed.after() == null ? null : ChangeJson.text(changed.after().toString()));
          }
          return query.rows(asked, sheet);
        });
  }

  private static Sheet objects(Asked asked, long from) {
    Sheet sheet = Sheet.of("CHANGE", "CONCEPT", "NAME", "BEFORE", "AFTER", "SINCE");
    try (AsOf before = asked.ledger().stateAt(from)) {
      for (ObjectDiff.Changed changed :
          ObjectDiff.between(
              StateObjects.of(before.state(), true), StateObjects.of(asked.state(), true))) {
        sheet.row(
            changed.before() == null ? "+" : changed.after() == null ? "-" : "~",
            changed.concept(),
            ChangeJson.text(changed.name()),
            changed.before(),
            changed.after(),
            changed.since());
      }
    }
    return sheet;
  }

  private static long moment(Asked asked, String from) {
    try {
      return asked.ledger().position(When.parse(from));
    } catch (IllegalArgumentException e) {
      throw new Problem(Response.Status.BAD_REQUEST, e.getMessage());
    }
  }
}

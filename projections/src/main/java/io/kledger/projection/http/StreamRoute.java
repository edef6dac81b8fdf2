package io.kledger.projection.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.kledger.event.MachineId;
import io.kledger.filter.Filter;
import io.kledger.projection.feed.Feeds;
import io.kledger.projection.feed.MachineFeed;
import io.kledger.projection.ledger.Ledgers;
import io.kledger.projection.ledger.NoSuchMoment;
import io.kledger.projection.ledger.ServedLedger;
import io.kledger.projection.ledger.Unavailable;
import io.kledger.replay.When;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * The changes of a machine as server-sent events. A route of its own, not a resource: what a
 * subscriber cannot take is neither kept for it nor dropped, so its connection must be seen.
 */
@ApplicationScoped
public class StreamRoute {
  private static final Logger LOG = Logger.getLogger("io.kledger.http");
  private static final List<String> KNOWN =
      List.of("after", "what", "filter", "initial", "format", "heartbeat");
  private static final int MOST_SUBSCRIBERS = 500;
  private static final int MOST_HEARTBEAT = 300;

  @Inject Ledgers ledgers;
  @Inject Feeds feeds;
  @Inject Subscribers subscribers;
  @Inject ObjectMapper mapper;

  void register(@Observes Router router) {
    router.get("/api/v1/machines/:machine/stream").order(-100).handler(this::open);
  }

  private void open(RoutingContext context) {
    Thread.ofVirtual()
        .name("subscriber")
        .start(
            () -> {
              try {
                subscribe(context);
              } catch (Problem e) {
                Guard.respond(mapper, context, e.status(), e.getMessage());
              } catch (NoSuchMoment e) {
                Guard.respond(mapper, context, 410, e.getMessage());
              } catch (Unavailable e) {
                Guard.respond(mapper, context, 503, e.getMessage());
              } catch (RuntimeException e) {
                LOG.errorf(e, "%s", context.normalizedPath());
                context.response().reset();
              }
            });
  }

  private void subscribe(RoutingContext context) {
    String machine = context.pathParam("machine");
    MultiMap parameters = context.queryParams();
    for (String name : parameters.names()) {
      if (!KNOWN.contains(name)) {
        throw new Problem(
            400, "unknown parameter '" + name + "'; there are " + String.join(", ", KNOWN));
      }
    }
    MachineFeed feed = feeds.of(machine);
    if (feed == null) {
      throw new Problem(404, "no machine '" + machine + "'; see /api/v1/machines");
    }
    if (subscribers.count() >= MOST_SUBSCRIBERS) {
      throw new Problem(503, "there are " + MOST_SUBSCRIBERS + " subscribers; try again later");
    }
    ServedLedger ledger = ledgers.of(machine);
    String last = context.request().getHeader("Last-Event-ID");
    String after = last == null ? parameters.get("after") : last;
    boolean initial = "true".equals(parameters.get("initial")) && after == null;
    Subscription.Wish wish =
        new Subscription.Wish(
            EventsResource.families(parameters.get("what")),
            filter(parameters.get("filter")),
            "cloudevents".equals(parameters.get("format")),
            heartbeat(parameters.get("heartbeat")));
    MachineId id = new MachineId(machine);
    String name = ledger.ask(id, When.END, asked -> asked.ledger().log().id());
    long from =
        after == null
            ? feed.end()
            : ledger.ask(id, When.END, asked -> Places.after(after, asked.ledger().log(), id));
    long start = ledger.ask(id, When.END, asked -> asked.ledger().store().start());
    if (from < start) {
      throw new Problem(
          410,
          "the feed begins later; the earliest cursor is " + name + ":" + machine + ":" + start);
    }
    new Subscription(
            context.response(),
            subscribers,
            ledger,
            id,
            feed,
            new ChangeJson(mapper, name, machine),
            wish)
        .run(from, initial);
  }

  private static Filter filter(String text) {
    try {
      return text == null ? Filter.all() : Filter.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Problem(400, e.getMessage());
    }
  }

  private static int heartbeat(String text) {
    if (text == null) {
      return 15;
    }
    if (!text.matches("[0-9]{1,3}")
        || Integer.parseInt(text) < 1
        || Integer.parseInt(text) > MOST_HEARTBEAT) {
      throw new Problem(
          400, "heartbeat=" + text + ": expected seconds from 1 to " + MOST_HEARTBEAT);
    }
    return Integer.parseInt(text);
  }
}

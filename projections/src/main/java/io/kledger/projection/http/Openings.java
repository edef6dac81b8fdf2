package io.kledger.projection.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.kledger.event.MachineId;
import io.kledger.projection.feed.Feeds;
import io.kledger.projection.feed.MachineFeed;
import io.kledger.projection.ledger.Elsewhere;
import io.kledger.projection.ledger.Ledgers;
import io.kledger.projection.ledger.NoSuchMoment;
import io.kledger.projection.ledger.ServedLedger;
import io.kledger.projection.ledger.Unavailable;
import io.kledger.replay.When;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Looks at what a subscriber asks for, before anything is sent: it is possible, or a problem. */
@ApplicationScoped
public class Openings {
  private static final Logger LOG = Logger.getLogger("io.kledger.http");

  /** Parameters of subscriptions, of either kind. */
  static final List<String> KNOWN =
      List.of("after", "what", "filter", "initial", "format", "heartbeat");

  /** Subscriptions at once. */
  @ConfigProperty(name = "kledger.subscribers", defaultValue = "500")
  int mostSubscribers;

  @Inject Ledgers ledgers;
  @Inject Feeds feeds;
  @Inject Subscribers subscribers;
  @Inject ObjectMapper mapper;

  /** Something that is done for a request, apart from the threads that wait for the network. */
  void apart(RoutingContext context, Runnable work) {
    Thread.ofVirtual()
        .name("subscriber")
        .start(
            () -> {
              try {
                work.run();
              } catch (Problem e) {
                Guard.respond(mapper, context, e.status(), e.getMessage());
              } catch (NoSuchMoment e) {
                Guard.respond(mapper, context, 410, e.getMessage());
              } catch (Unavailable e) {
                Guard.respond(mapper, context, 503, e.getMessage());
              } catch (Elsewhere e) {
                context
                    .response()
                    .putHeader("Location", "http://" + e.server() + context.request().uri())
                    .setStatusCode(307)
                    .end();
              } catch (RuntimeException e) {
                LOG.errorf(e, "%s", context.normalizedPath());
                context.response().reset();
              }
            });
  }

  /** What a request asks for. */
  Subscription.Opening of(
      String machine, MultiMap parameters, String lastId, List<Wish.Format> formats) {
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
    if (subscribers.count() >= mostSubscribers) {
      throw new Problem(503, "there are " + mostSubscribers + " subscribers; try again later");
    }
    ServedLedger ledger = ledgers.of(machine);
    String after = lastId == null ? parameters.get("after") : lastId;
    Wish wish =
        Wish.of(
            parameters.get("what"),
            parameters.get("filter"),
            parameters.get("format"),
            parameters.get("heartbeat"),
            formats);
    boolean initial = "true".equals(parameters.get("initial")) && after == null;
    if (initial && wish.format() == Wish.Format.NATIVE) {
      throw new Problem(400, "the kernel has no records of a state: initial=true needs JSON");
    }
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
    return new Subscription.Opening(
        ledger, id, feed, new ChangeJson(mapper, name, machine), wish, from, initial);
  }
}

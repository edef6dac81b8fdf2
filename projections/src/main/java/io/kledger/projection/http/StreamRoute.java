package io.kledger.projection.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;

/**
 * The changes of a machine as server-sent events. A route of its own, not a resource: what a
 * subscriber cannot take is neither kept for it nor dropped, so its connection must be seen.
 */
@ApplicationScoped
public class StreamRoute {
  private static final List<Wish.Format> FORMATS =
      List.of(Wish.Format.JSON, Wish.Format.CLOUDEVENTS);

  @Inject Openings openings;
  @Inject Subscribers subscribers;
  @Inject Frames frames;

  void register(@Observes Router router) {
    router
        .get("/api/v1/machines/:machine/stream")
        .order(-100)
        .handler(context -> openings.apart(context, () -> subscribe(context)));
  }

  private void subscribe(RoutingContext context) {
    Subscription.Opening opening =
        openings.of(
            context.pathParam("machine"),
            context.queryParams(),
            context.request().getHeader("Last-Event-ID"),
            FORMATS);
    HttpServerResponse response = context.response();
    response.setChunked(true);
    response.putHeader("Content-Type", "text/event-stream;charset=UTF-8");
    response.putHeader("Cache-Control", "no-store");
    response.putHeader("X-Accel-Buffering", "no");
    response.write("retry: 2000\n\n");
    new Subscription(new OfResponse(response, opening.json()), subscribers, frames, opening, false)
        .run();
  }

  /** An HTTP response that does not end. */
  private record OfResponse(HttpServerResponse response, ChangeJson json) implements Outlet {
    private static final long POLL_MILLIS = 20;

    @Override
    public boolean open() {
      return !response.closed() && !response.ended();
    }

    @Override
    public boolean send(Frame frame) throws InterruptedException, TooSlow {
      if (!open()) {
        return false;
      }
      response.write(frame.bytes());
      for (long waited = 0; response.writeQueueFull(); waited += POLL_MILLIS) {
        if (response.closed()) {
          return false;
        }
        if (waited > TooSlow.PATIENCE_MILLIS) {
          throw new TooSlow();
        }
        Thread.sleep(POLL_MILLIS);
      }
      return true;
    }

    @Override
    public void end(Problem problem) throws InterruptedException {
      response.end(
          Buffer.buffer(
              "event: error\ndata: " + json.problem(problem.getMessage()).toString() + "\n\n"));
      // What is still to be written would be kept for somebody who takes nothing.
      Thread.sleep(1_000);
      response.reset();
    }
  }
}

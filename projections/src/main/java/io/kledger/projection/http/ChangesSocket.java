package io.kledger.projection.http;

import io.quarkus.websockets.next.CloseReason;
import io.quarkus.websockets.next.OnOpen;
import io.quarkus.websockets.next.OnTextMessage;
import io.quarkus.websockets.next.WebSocket;
import io.quarkus.websockets.next.WebSocketConnection;
import io.smallrye.mutiny.TimeoutException;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * The changes of a machine over a WebSocket: frames of many messages, with the cursors, filters and
 * promises of the stream of server-sent events.
 */
@WebSocket(path = "/api/v1/machines/{machine}/socket")
public class ChangesSocket {
  private static final List<Wish.Format> FORMATS = List.of(Wish.Format.values());
  private static final int TRY_AGAIN_LATER = 1013;
  private static final int UNSUPPORTED = 1003;

  @Inject Openings openings;
  @Inject Subscribers subscribers;
  @Inject Frames frames;

  /** What cannot be subscribed to is refused as any request is, before the protocol changes. */
  void register(@Observes Router router) {
    router.get("/api/v1/machines/:machine/socket").order(-100).handler(this::check);
  }

  private void check(RoutingContext context) {
    HttpServerRequest request = context.request();
    // The protocol can change only before the end of the request was seen; who changes it goes on.
    request.pause();
    Context own = Vertx.currentContext();
    openings.apart(
        context,
        () -> {
          if (!"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
            throw new Problem(426, "this is a WebSocket; /stream has server-sent events");
          }
          openings.of(
              context.pathParam("machine"),
              context.queryParams(),
              request.getHeader("Last-Event-ID"),
              FORMATS);
          own.runOnContext(nothing -> context.next());
        });
  }

  @OnOpen
  void open(WebSocketConnection connection) {
    Thread.ofVirtual()
        .name("subscriber")
        .start(
            () -> {
              OfSocket outlet = new OfSocket(connection);
              try {
                Subscription.Opening opening =
                    openings.of(
                        connection.pathParam("machine"),
                        parameters(connection.handshakeRequest().query()),
                        connection.handshakeRequest().header("Last-Event-ID"),
                        FORMATS);
                new Subscription(outlet, subscribers, frames, opening, true).run();
              } catch (Problem e) {
                outlet.end(e);
              }
            });
  }

  /** Nothing is expected from a subscriber. */
  @OnTextMessage
  void message(String text, WebSocketConnection connection) {
    connection.closeAndAwait(new CloseReason(UNSUPPORTED, "nothing is expected from a subscriber"));
  }

  private static MultiMap parameters(String query) {
    MultiMap parameters = MultiMap.caseInsensitiveMultiMap();
    for (String pair : query == null || query.isEmpty() ? new String[0] : query.split("&")) {
      int equals = pair.indexOf('=');
      parameters.add(
          decoded(equals < 0 ? pair : pair.substring(0, equals)),
          equals < 0 ? "" : decoded(pair.substring(equals + 1)));
    }
    return parameters;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new Problem(400, "'" + text + "' is not encoded as a parameter");
    }
  }

  private record OfSocket(WebSocketConnection connection) implements Outlet {
    private static final Duration PATIENCE = Duration.ofMillis(TooSlow.PATIENCE_MILLIS);

    @Override
    public boolean open() {
      return connection.isOpen();
    }

    @Override
    public boolean send(Frame frame) throws TooSlow {
      try {
        (frame.text() == null
                ? connection.sendBinary(frame.bytes())
                : connection.sendText(frame.text()))
            .await()
            .atMost(PATIENCE);
        return true;
      } catch (TimeoutException e) {
        throw new TooSlow();
      } catch (RuntimeException e) {
        // The connection was closed meanwhile.
        return false;
      }
    }

    @Override
    public void end(Problem problem) {
      try {
        connection
            .close(new CloseReason(TRY_AGAIN_LATER, shortened(problem.getMessage())))
            .await()
            .atMost(Duration.ofSeconds(1));
      } catch (RuntimeException e) {
        // Nobody takes the reason either.
        return;
      }
    }

    /** A reason has 123 bytes at most. */
    private static String shortened(String reason) {
      String ascii = reason.replaceAll("[^ -~]", "?");
      return ascii.length() > 123 ? ascii.substring(0, 123) : ascii;
    }
  }
}

package io.kledger.projection.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Stands before everything: who asks, from where, how often, and what a browser may do with the
 * answer.
 */
@ApplicationScoped
public class Guard {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");
  private static final int MOST_CLIENTS = 10_000;

  @ConfigProperty(name = "quarkus.http.host", defaultValue = "127.0.0.1")
  String host;

  /** Whether the service may listen to the network without TLS or without tokens. */
  @ConfigProperty(name = "kledger.insecure", defaultValue = "false")
  boolean insecure;

  /** File of hashed tokens, see {@link Tokens}. */
  @ConfigProperty(name = "kledger.tokens")
  Optional<Path> tokenFile;

  @ConfigProperty(name = "quarkus.http.ssl.certificate.files")
  Optional<String> certificate;

  @ConfigProperty(name = "quarkus.http.insecure-requests", defaultValue = "enabled")
  String plainRequests;

  /** Requests of one client in a second. */
  @ConfigProperty(name = "kledger.rate", defaultValue = "500")
  int rate;

  @Inject ObjectMapper mapper;

  private Tokens tokens;
  private volatile long second;
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();

  void start(@Observes StartupEvent event) {
    boolean tls = certificate.isPresent() && plainRequests.equals("disabled");
    if (!LOOPBACK.contains(host) && !insecure && !(tls && tokenFile.isPresent())) {
      throw new IllegalStateException(
          "on "
              + host
              + " the service would tell the network what the machines of the ledger do:"
              + " give it --tls-cert, --tls-key and --tokens, or KLEDGER_INSECURE=true where"
              + " something else guards it");
    }
    tokens = tokenFile.map(Tokens::read).orElse(null);
  }

  void register(@Observes Filters filters) {
    filters.register(this::guard, 500);
  }

  private void guard(RoutingContext context) {
    HttpServerResponse response = context.response();
    response.putHeader(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    response.putHeader("X-Content-Type-Options", "nosniff");
    response.putHeader("Referrer-Policy", "no-referrer");
    response.putHeader("Cross-Origin-Resource-Policy", "same-origin");
    String path = context.normalizedPath();
    if (LOOPBACK.contains(host) && !LOOPBACK.contains(name(context))) {
      // A foreign name that was made to point here: the page of an attacker, not ours.
      refuse(context, 421, "this service is asked by the names of this machine only");
    } else if (foreign(context)) {
      refuse(context, 403, "other pages neither change something here nor open sockets");
    } else if (tooMany(context)) {
      refuse(context, 429, "more than " + rate + " requests in a second");
    } else if (tokens != null && guarded(path) && !allowed(context)) {
      response.putHeader("WWW-Authenticate", "Bearer");
      refuse(context, 401, "a bearer token is needed that allows this");
    } else {
      context.next();
    }
  }

  private static String name(RoutingContext context) {
    var authority = context.request().authority();
    return authority == null ? "" : authority.host();
  }

  private static boolean foreign(RoutingContext context) {
    String origin = context.request().getHeader("Origin");
    // A page may open a socket to anywhere, and read what comes; only this check keeps it from it.
    boolean reads =
        context.request().method().equals(HttpMethod.GET)
            && context.request().getHeader("Upgrade") == null;
    if (origin == null || reads || context.request().method().equals(HttpMethod.HEAD)) {
      return false;
    }
    try {
      return !String.valueOf(URI.create(origin).getAuthority())
          .equals(context.request().getHeader("Host"));
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  private boolean tooMany(RoutingContext context) {
    long now = System.nanoTime() / 1_000_000_000L;
    if (now != second || asked.size() > MOST_CLIENTS) {
      second = now;
      asked.clear();
    }
    String client = String.valueOf(context.request().remoteAddress().hostAddress());
    return asked.computeIfAbsent(client, c -> new AtomicInteger()).incrementAndGet() > rate;
  }

  private static boolean guarded(String path) {
    return path.startsWith("/api/") || path.startsWith("/q/metrics");
  }

  private boolean allowed(RoutingContext context) {
    String header = context.request().getHeader("Authorization");
    Tokens.Role role =
        header == null || !header.startsWith("Bearer ") ? null : tokens.role(header.substring(7));
    boolean appends =
        context.request().method().equals(HttpMethod.POST)
            && context.normalizedPath().endsWith("/events");
    return appends ? role == Tokens.Role.APPEND : role != null;
  }

  private void refuse(RoutingContext context, int status, String detail) {
    respond(mapper, context, status, detail);
  }

  /** Answers with a problem, where no resource is at hand. */
  static void respond(ObjectMapper mapper, RoutingContext context, int status, String detail) {
    try {
      context
          .response()
          .setStatusCode(status)
          .putHeader("Content-Type", Problem.MEDIA_TYPE)
          .end(
              mapper.writeValueAsString(
                  new Problem(status, detail).body(context.normalizedPath())));
    } catch (JsonProcessingException e) {
      context.fail(e);
    }
  }
}

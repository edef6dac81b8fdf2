package io.kledger.projection.http;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Nothing can be written by way of the service, whatever the path; but events, where it was started
 * to take them.
 */
class ReadOnly {
  private static final List<String> ALLOWED = List.of("GET", "HEAD", "OPTIONS");

  @ConfigProperty(name = "kledger.append", defaultValue = "false")
  boolean append;

  /** Whether a trace may be sent to be looked at, apart from the ledger. */
  @ConfigProperty(name = "kledger.scratch", defaultValue = "true")
  boolean scratch;

  @ServerRequestFilter(preMatching = true)
  Response refuseWrites(ContainerRequestContext request) {
    String path = request.getUriInfo().getPath();
    boolean computes = path.equals("/api/v1/simulate") || scratch && path.equals("/api/v1/scratch");
    boolean appends = append && path.matches("/api/v1/machines/[^/]+/events");
    if (ALLOWED.contains(request.getMethod())
        || request.getMethod().equals("POST") && (computes || appends)) {
      return null;
    }
    Problem problem =
        new Problem(
            Response.Status.METHOD_NOT_ALLOWED, "the ledger is served read-only; use GET or HEAD");
    return Response.fromResponse(
            problem.response(request.getUriInfo().getRequestUri().getRawPath()))
        .header(HttpHeaders.ALLOW, String.join(", ", ALLOWED))
        .build();
  }
}

package io.kledger.projection.http;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Nothing can be written by way of the service, whatever the path. */
class ReadOnly {
  private static final List<String> ALLOWED = List.of("GET", "HEAD", "OPTIONS");

  @ServerRequestFilter(preMatching = true)
  Response refuseWrites(ContainerRequestContext request) {
    if (ALLOWED.contains(request.getMethod())) {
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

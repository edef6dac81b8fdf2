package io.kledger.projection.http;

import io.kledger.projection.ledger.NoSuchMoment;
import io.kledger.projection.ledger.Unavailable;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Every failure becomes a problem. */
class Problems {
  private static final Logger LOG = Logger.getLogger("io.kledger.http");

  @ServerExceptionMapper
  Response problem(Problem problem, UriInfo uri) {
    return problem.response(uri.getRequestUri().getRawPath());
  }

  @ServerExceptionMapper
  Response noSuchMoment(NoSuchMoment failure, UriInfo uri) {
    return problem(new Problem(Response.Status.BAD_REQUEST, failure.getMessage()), uri);
  }

  @ServerExceptionMapper
  Response unavailable(Unavailable failure, UriInfo uri) {
    return problem(new Problem(Response.Status.SERVICE_UNAVAILABLE, failure.getMessage()), uri);
  }

  @ServerExceptionMapper
  Response refused(WebApplicationException failure, UriInfo uri) {
    int status = failure.getResponse().getStatus();
    String detail =
        switch (status) {
          case 404 -> "there is nothing here; /api/v1/machines lists what there is";
          case 406 -> "this view has no representation of the media types accepted";
          default -> failure.getMessage();
        };
    return problem(new Problem(status, detail), uri);
  }

  @ServerExceptionMapper
  Response defect(RuntimeException failure, UriInfo uri) {
    LOG.errorf(failure, "%s", uri.getRequestUri());
    return problem(
        new Problem(
            Response.Status.INTERNAL_SERVER_ERROR,
            "the service failed on this; its log says how: " + failure),
        uri);
  }
}

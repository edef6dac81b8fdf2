package io.kledger.projection.http;

import io.kledger.projection.ledger.Elsewhere;
import io.kledger.projection.ledger.NoSuchMoment;
import io.kledger.projection.ledger.Unavailable;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.net.URI;
import org.jboss.logging.Logger;

/**
 * Every failure becomes a problem.
 *
 * <p>Mappers of the standard's kind, not {@code @ServerExceptionMapper}: Quarkus loads the classes
 * named by that annotation while it builds, on the JDK that Maven runs on, which may be older than
 * the one that compiled them.
 */
final class Problems {
  private static final Logger LOG = Logger.getLogger("io.kledger.http");

  private Problems() {}

  private static Response answer(Problem problem, UriInfo uri) {
    return problem.response(uri.getRequestUri().getRawPath());
  }

  /** A failure that is a problem already. */
  @Provider
  public static final class OfProblem implements ExceptionMapper<Problem> {
    @Context UriInfo uri;

    @Override
    public Response toResponse(Problem problem) {
      return answer(problem, uri);
    }
  }

  /** A moment that cannot be read, or is not there. */
  @Provider
  public static final class OfNoSuchMoment implements ExceptionMapper<NoSuchMoment> {
    @Context UriInfo uri;

    @Override
    public Response toResponse(NoSuchMoment failure) {
      return answer(new Problem(Response.Status.BAD_REQUEST, failure.getMessage()), uri);
    }
  }

  /** A machine whose state another instance has: the same question there. */
  @Provider
  public static final class OfElsewhere implements ExceptionMapper<Elsewhere> {
    @Context UriInfo uri;

    @Override
    public Response toResponse(Elsewhere elsewhere) {
      URI asked = uri.getRequestUri();
      String query = asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery();
      return Response.temporaryRedirect(
              URI.create("http://" + elsewhere.server() + asked.getRawPath() + query))
          .build();
    }
  }

  /** A ledger that cannot be read now. */
  @Provider
  public static final class OfUnavailable implements ExceptionMapper<Unavailable> {
    @Context UriInfo uri;

    @Override
    public Response toResponse(Unavailable failure) {
      return answer(new Problem(Response.Status.SERVICE_UNAVAILABLE, failure.getMessage()), uri);
    }
  }

  /** What the framework refuses before a resource is called. */
  @Provider
  public static final class OfRefusal implements ExceptionMapper<WebApplicationException> {
    @Context UriInfo uri;

    @Override
    public Response toResponse(WebApplicationException failure) {
      int status = failure.getResponse().getStatus();
      String detail =
          switch (status) {
            case 404 -> "there is nothing here; /api/v1/machines lists what there is";
            case 406 -> "this view has no representation of the media types accepted";
            default -> failure.getMessage();
          };
      return answer(new Problem(status, detail), uri);
    }
  }

  /** A defect of the service. */
  @Provider
  public static final class OfDefect implements ExceptionMapper<RuntimeException> {
    @Context UriInfo uri;

    @Override
    public Response toResponse(RuntimeException failure) {
      LOG.errorf(failure, "%s", uri.getRequestUri());
      return answer(
          new Problem(
              Response.Status.INTERNAL_SERVER_ERROR,
              "the service failed on this; its log says how: " + failure),
          uri);
    }
  }
}

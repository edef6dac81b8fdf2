package io.kledger.projection.http;

import jakarta.ws.rs.core.Response;

/** Why a request has no answer, as RFC 9457 has it. The message is the detail. */
final class Problem extends RuntimeException {
  static final String MEDIA_TYPE = "application/problem+json";

  private final int status;

  Problem(int status, String detail) {
    super(detail);
    this.status = status;
  }

  Problem(Response.Status status, String detail) {
    this(status.getStatusCode(), detail);
  }

  int status() {
    return status;
  }

  /** What is said about it. */
  Body body(String instance) {
    Response.Status known = Response.Status.fromStatusCode(status);
    return new Body(
        "about:blank",
        known == null ? "Status " + status : known.getReasonPhrase(),
        status,
        getMessage(),
        instance);
  }

  /** The response. */
  Response response(String instance) {
    Response.ResponseBuilder response =
        Response.status(status).type(MEDIA_TYPE).entity(body(instance));
    if (status == Response.Status.SERVICE_UNAVAILABLE.getStatusCode()) {
      response.header("Retry-After", "2");
    }
    return response.build();
  }

  /** Its members are those of RFC 9457. */
  public record Body(String type, String title, int status, String detail, String instance) {}
}

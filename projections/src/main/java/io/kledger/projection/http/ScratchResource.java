package io.kledger.projection.http;

import io.kledger.projection.ledger.Ledgers;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.concurrent.Semaphore;

/** Takes a trace to be looked at, apart from the ledger. */
@Path("/api/v1/scratch")
public class ScratchResource {
  /** Read at once; more would take the processors from everybody else. */
  private static final Semaphore ROOM = new Semaphore(1);

  @Inject Ledgers ledgers;

  /**
   * Reads a trace as strace prints it, or a recording ({@code .tar.gz}), into a ledger of its own,
   * which goes when nobody has asked about it for an hour. Its machine's name is known to the
   * sender only.
   */
  @POST
  @Consumes(MediaType.TEXT_PLAIN)
  @Produces(MediaType.APPLICATION_JSON)
  public Ledgers.Uploaded upload(
      byte[] body, @HeaderParam(HttpHeaders.CONTENT_ENCODING) String encoding) {
    byte[] trace = Bodies.plain(body, encoding, Bodies.MOST_TRACE);
    if (!ROOM.tryAcquire()) {
      throw new Problem(
          Response.Status.SERVICE_UNAVAILABLE, "another trace is being read; try again later");
    }
    try {
      return ledgers.upload(trace, body);
    } catch (IOException | IllegalArgumentException e) {
      throw new Problem(422, String.valueOf(e.getMessage()));
    } finally {
      ROOM.release();
    }
  }
}

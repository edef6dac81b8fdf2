package io.kledger.projection.http;

import io.kledger.event.MachineId;
import io.kledger.ingest.load.Importer;
import io.kledger.log.EventLog;
import io.kledger.log.LogException;
import io.kledger.projection.ledger.Ledgers;
import io.kledger.projection.ledger.ServedLedger;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;

/**
 * Takes events in, where the service was started to do so. What a source was is known by its
 * content: the same bytes again add nothing, and a longer trace that begins with them adds what is
 * new.
 */
@Path("/api/v1/machines/{machine}/events")
public class AppendResource {
  @Inject Ledgers ledgers;

  /**
   * What was taken in.
   *
   * @param position of the last event of the log now
   * @param appended events that were new
   */
  public record Appended(String machine, long position, long appended, long gaps, long rejected) {}

  /** Takes in a trace as strace prints it. */
  @POST
  @Consumes(MediaType.TEXT_PLAIN)
  @Produces(MediaType.APPLICATION_JSON)
  public Appended append(
      byte[] body,
      @PathParam("machine") String machine,
      @QueryParam("source") String source,
      @HeaderParam(HttpHeaders.CONTENT_ENCODING) String encoding) {
    byte[] trace = Bodies.plain(body, encoding, Bodies.MOST_TRACE);
    if (!MachineId.isValid(machine)) {
      throw new Problem(Response.Status.BAD_REQUEST, "'" + machine + "' is no name of a machine");
    }
    String name = source == null ? "http" : source;
    if (!name.matches("[A-Za-z0-9._-]{1,128}")) {
      throw new Problem(
          Response.Status.BAD_REQUEST,
          "a source's name has letters, digits, '.', '_' and '-', 128 at most");
    }
    ServedLedger served = ledgers.served();
    MachineId id = new MachineId(machine);
    try (EventLog log = EventLog.open(served.uri(), served.options().log())) {
      long before = log.end(id);
      Importer.Imported imported =
          new Importer(log, true, null, (bytes, events) -> {}).read(id, name, trace);
      long end = log.end(id);
      return new Appended(machine, end, end - before, imported.gaps(), imported.rejected());
    } catch (LogException.Locked e) {
      throw new Problem(Response.Status.SERVICE_UNAVAILABLE, e.getMessage());
    } catch (LogException e) {
      throw new Problem(Response.Status.INTERNAL_SERVER_ERROR, e.getMessage());
    } catch (IOException e) {
      throw new Problem(422, e.getMessage());
    }
  }
}

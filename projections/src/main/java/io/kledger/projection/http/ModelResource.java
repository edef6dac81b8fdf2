package io.kledger.projection.http;

import io.kledger.engine.Engines;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.syscall.Syscalls;
import io.kledger.event.Bytes;
import io.kledger.scenario.ScenarioException;
import io.kledger.scenario.ScenarioParser;
import io.kledger.scenario.ScenarioReport;
import io.kledger.scenario.ScenarioRunner;
import io.kledger.scenario.Words;
import io.kledger.view.Sheet;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;

/** What the engine knows, and what it computes of a trace that is sent to it. */
@Path("/api/v1")
public class ModelResource {
  private static final int MOST_BYTES = 256 << 10;
  private static final int MOST_LINES = 5_000;

  /** Traces that are computed at once; more would take the processors from everybody else. */
  private static final Semaphore ROOM = new Semaphore(2);

  /** Calls and features of the model. */
  public record Coverage(Sheet calls, Sheet features) {}

  /**
   * What a trace came to.
   *
   * @param passed whether everything that it says of itself is so
   * @param transcript the trace with what the engine computed
   */
  public record Simulated(
      boolean passed, List<ScenarioReport.Difference> differences, List<String> transcript) {}

  /** Every call with rules, and every feature. */
  @GET
  @Path("coverage")
  @Produces(MediaType.APPLICATION_JSON)
  public Coverage coverage() {
    Sheet calls = Sheet.of("CALL", "SUPPORT", "MISSING");
    for (SyscallTable.Entry<?> entry : Syscalls.table().entries()) {
      calls.row(
          entry.type().getSimpleName(),
          entry.support().name().toLowerCase(Locale.ROOT),
          entry.note());
    }
    Sheet features = Sheet.of("ID", "SLUG", "SINCE");
    for (KernelFeature feature : KernelFeature.values()) {
      features.row(feature.id(), feature.slug(), feature.since());
    }
    return new Coverage(calls, features);
  }

  /** Computes the results of a trace on the model machine; nothing of it is kept. */
  @POST
  @Path("simulate")
  @Consumes(MediaType.TEXT_PLAIN)
  @Produces(MediaType.APPLICATION_JSON)
  public Simulated simulate(
      byte[] body,
      @QueryParam("kernel") String kernel,
      @QueryParam("feature") List<String> features,
      @HeaderParam(HttpHeaders.CONTENT_ENCODING) String encoding) {
    byte[] trace = Bodies.plain(body, encoding, MOST_BYTES);
    String text = new String(trace, StandardCharsets.UTF_8);
    if (text.lines().count() > MOST_LINES) {
      throw new Problem(413, "a trace to be computed has at most " + MOST_LINES + " lines");
    }
    List<Words.Setting> settings = settings(features);
    if (!ROOM.tryAcquire()) {
      throw new Problem(
          Response.Status.SERVICE_UNAVAILABLE, "other traces are being computed; try again later");
    }
    try {
      ScenarioReport report =
          ScenarioRunner.run(
              ScenarioParser.parse("trace", text), kernel, settings, Engines::create);
      return new Simulated(
          report.passed(),
          report.differences(),
          report.transcript().stream().map(ChangeJson::text).toList());
    } catch (ScenarioException e) {
      throw new Problem(422, "line " + e.line() + ": " + e.getMessage());
    } finally {
      ROOM.release();
    }
  }

  private static List<Words.Setting> settings(List<String> features) {
    List<Words.Setting> settings = new ArrayList<>();
    for (String feature : features) {
      int equals = feature.indexOf('=');
      String slug = equals < 0 ? feature : feature.substring(0, equals);
      String value = equals < 0 ? "on" : feature.substring(equals + 1);
      if (KernelFeature.ofSlug(slug) == null || !value.equals("on") && !value.equals("off")) {
        throw new Problem(
            Response.Status.BAD_REQUEST,
            "feature=" + feature + ": expected SLUG=on or SLUG=off, see /api/v1/coverage");
      }
      settings.add(new Words.Setting(slug, Bytes.of(value)));
    }
    return settings;
  }
}

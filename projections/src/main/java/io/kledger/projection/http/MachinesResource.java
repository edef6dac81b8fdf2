package io.kledger.projection.http;

import io.kledger.projection.ledger.Ledgers;
import io.kledger.projection.ledger.ServedLedger;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** The machines of the ledger. */
@Path("/api/v1/machines")
@Produces(MediaType.APPLICATION_JSON)
public class MachinesResource {
  @Inject Ledgers ledgers;

  /**
   * A machine.
   *
   * @param position of the last event of its log
   * @param folded position that its stored state is at; the rest is folded when it is asked for
   * @param ready whether it can be asked
   * @param demo whether it is the recording shown where the ledger is empty, or a trace sent to be
   *     looked at
   */
  public record Machine(String machine, long position, long folded, boolean ready, boolean demo) {}

  /** All there are, by name. */
  public record Machines(String ledger, List<Machine> machines) {}

  /** One of them, or a trace that was sent to be looked at. */
  @GET
  @Path("{machine}")
  public Machine machine(@PathParam("machine") String machine) {
    return ledgers.of(machine).machines().stream()
        .filter(m -> m.machine().name().equals(machine))
        .map(m -> machine(m, ledgers.of(machine) != ledgers.served()))
        .findFirst()
        .orElseThrow(
            () ->
                new Problem(
                    Response.Status.NOT_FOUND,
                    "no machine '" + machine + "'; see /api/v1/machines"));
  }

  private static Machine machine(ServedLedger.Status m, boolean demo) {
    return new Machine(m.machine().name(), m.events(), m.folded(), m.ready(), demo);
  }

  @GET
  public Machines machines() {
    boolean demo = ledgers.showsDemo();
    ServedLedger shown = demo ? ledgers.demo() : ledgers.served();
    return new Machines(
        ledgers.served().uri().toString(),
        shown.machines().stream().map(m -> machine(m, demo)).toList());
  }
}

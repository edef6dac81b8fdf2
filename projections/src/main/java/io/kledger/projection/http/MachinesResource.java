package io.kledger.projection.http;

import io.kledger.projection.ledger.ServedLedger;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** The machines of the ledger. */
@Path("/api/v1/machines")
@Produces(MediaType.APPLICATION_JSON)
public class MachinesResource {
  @Inject ServedLedger ledger;

  /**
   * A machine.
   *
   * @param position of the last event of its log
   * @param folded position that its stored state is at; the rest is folded when it is asked for
   * @param ready whether it can be asked
   */
  public record Machine(String machine, long position, long folded, boolean ready) {}

  /** All there are, by name. */
  public record Machines(String ledger, List<Machine> machines) {}

  @GET
  public Machines machines() {
    return new Machines(
        ledger.uri().toString(),
        ledger.machines().stream()
            .map(m -> new Machine(m.machine().name(), m.events(), m.folded(), m.ready()))
            .toList());
  }
}

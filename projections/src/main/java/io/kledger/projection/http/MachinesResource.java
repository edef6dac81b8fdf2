package io.kledger.projection.http;

import io.kledger.projection.ledger.Ledgers;
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
  @Inject Ledgers ledgers;

  /**
   * A machine.
   *
   * @param position of the last event of its log
   * @param folded position that its stored state is at; the rest is folded when it is asked for
   * @param ready whether it can be asked
   * @param demo whether it is the recording shown where the ledger is empty
   */
  public record Machine(String machine, long position, long folded, boolean ready, boolean demo) {}

  /** All there are, by name. */
  public record Machines(String ledger, List<Machine> machines) {}

  @GET
  public Machines machines() {
    boolean demo = ledgers.showsDemo();
    ServedLedger shown = demo ? ledgers.demo() : ledgers.served();
    return new Machines(
        ledgers.served().uri().toString(),
        shown.machines().stream()
            .map(m -> new Machine(m.machine().name(), m.events(), m.folded(), m.ready(), demo))
            .toList());
  }
}

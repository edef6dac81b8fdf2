package io.kledger.cli.command;

import io.kledger.event.MachineId;
import io.kledger.log.EventLog;
import java.util.List;

/** Which machine of a ledger is meant. */
final class Machines {
  private Machines() {}

  /** The one that the user named, or the only one. */
  static MachineId choose(EventLog log, LedgerMixin options) {
    List<MachineId> machines = log.machines();
    MachineId named = options.machineOr(null);
    if (named == null && machines.size() == 1) {
      return machines.getFirst();
    }
    if (named != null && machines.contains(named)) {
      return named;
    }
    throw new IllegalArgumentException(
        machines.isEmpty()
            ? "ledger " + log.uri() + " holds no machine yet; kledger import puts one there"
            : named == null
                ? "ledger " + log.uri() + " holds several machines, say --machine: " + machines
                : "ledger " + log.uri() + " has no machine " + named + "; it has " + machines);
  }
}

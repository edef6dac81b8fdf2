package io.kledger.projection.ledger;

import io.kledger.event.MachineId;
import io.kledger.log.LogException;
import io.kledger.log.kafka.KafkaEventLog;
import io.kledger.projection.ledger.ServedLedger.Status;
import io.kledger.projection.streams.StreamsFold;
import io.kledger.replay.AsOf;
import io.kledger.replay.Ledger;
import io.kledger.replay.LedgerOptions;
import io.kledger.replay.When;
import io.kledger.store.Store;
import io.kledger.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A ledger that is folded by Kafka Streams, of which one instance runs here. Questions about the
 * machines of other instances are sent there.
 */
final class StreamedLedger implements AutoCloseable {
  private final KafkaEventLog log;
  private final StreamsFold fold;
  private final LedgerOptions options;
  private final String server;

  /**
   * Starts the instance.
   *
   * @param log is closed with it
   */
  StreamedLedger(KafkaEventLog log, StreamsFold.Options streams, LedgerOptions options) {
    this.log = log;
    this.options = options;
    server = streams.server();
    fold = new StreamsFold(log, streams);
    fold.start();
  }

  List<Status> machines() {
    List<Status> result = new ArrayList<>();
    for (MachineId machine : log.machines()) {
      Store store = fold.store(machine);
      long end = log.end(machine);
      String owner = store == null ? fold.owner(machine) : server;
      result.add(
          new Status(
              machine,
              end,
              store == null ? 0 : store.position(),
              store != null || owner != null && !owner.equals(server)));
    }
    if (result.isEmpty() && !fold.running()) {
      throw new Unavailable("the fold has no partitions yet; try again later", null);
    }
    return result;
  }

  /** See {@link ServedLedger#read}. */
  Reading read(MachineId machine) {
    if (!log.machines().contains(machine)) {
      return null;
    }
    Store store = fold.store(machine);
    if (store == null) {
      String owner = fold.owner(machine);
      if (owner != null && !owner.equals(server)) {
        throw new Elsewhere(owner);
      }
      throw new Unavailable(
          "the state of " + machine + " is moving between instances; try again later", null);
    }
    Ledger ledger = Ledger.beside(log, machine, options, store);
    return new Reading(ledger, ledger::close);
  }

  /** See {@link ServedLedger#ask}. */
  <T> T ask(MachineId machine, When when, Function<Asked, T> question) {
    try (Reading reading = read(machine)) {
      if (reading == null) {
        return null;
      }
      Ledger ledger = reading.ledger();
      long position;
      try {
        position = ledger.position(when);
      } catch (IllegalArgumentException e) {
        throw new NoSuchMoment(e.getMessage(), e);
      }
      try (AsOf state = ledger.stateAt(position)) {
        return question.apply(new Asked(ledger, state.state(), position, ledger.end()));
      }
    } catch (LogException | StoreException e) {
      throw new Unavailable(e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    fold.close();
    log.close();
  }
}

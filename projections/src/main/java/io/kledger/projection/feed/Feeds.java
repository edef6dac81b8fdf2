package io.kledger.projection.feed;

import io.kledger.event.MachineId;
import io.kledger.log.EventLog;
import io.kledger.log.LogException;
import io.kledger.projection.ledger.Ledgers;
import io.kledger.projection.ledger.ServedLedger;
import io.kledger.projection.ledger.Unavailable;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The feeds of the machines that somebody asked about. */
@ApplicationScoped
public class Feeds {
  @Inject Ledgers ledgers;

  private final Map<ServedLedger, EventLog> logs = new HashMap<>();
  private final Map<String, MachineFeed> feeds = new TreeMap<>();

  /** The feed of a machine; null if there is no such machine. */
  public synchronized MachineFeed of(String machine) {
    if (!MachineId.isValid(machine)) {
      return null;
    }
    ServedLedger ledger = ledgers.of(machine);
    forget();
    String key = ledger.uri() + "\n" + machine;
    MachineFeed feed = feeds.get(key);
    if (feed != null) {
      return feed;
    }
    try {
      EventLog log = logs.computeIfAbsent(ledger, l -> EventLog.open(l.uri(), l.options().log()));
      MachineId id = new MachineId(machine);
      if (!log.machines().contains(id)) {
        return null;
      }
      feed = new MachineFeed(log, ledger, id);
    } catch (LogException e) {
      throw new Unavailable(e.getMessage(), e);
    }
    feeds.put(key, feed);
    return feed;
  }

  /** Ledgers of traces that were sent to be looked at come and go. */
  private void forget() {
    for (ServedLedger gone : logs.keySet().stream().filter(ServedLedger::closed).toList()) {
      feeds
          .entrySet()
          .removeIf(
              entry -> {
                boolean of = entry.getKey().startsWith(gone.uri() + "\n");
                if (of) {
                  entry.getValue().close();
                }
                return of;
              });
      logs.remove(gone).close();
    }
  }

  /** Those that run, by machine. */
  public synchronized Map<String, MachineFeed> running() {
    Map<String, MachineFeed> result = new TreeMap<>();
    feeds.forEach((key, feed) -> result.put(key.substring(key.indexOf('\n') + 1), feed));
    return result;
  }

  @PreDestroy
  synchronized void close() {
    feeds.values().forEach(MachineFeed::close);
    logs.values().forEach(EventLog::close);
    feeds.clear();
    logs.clear();
  }
}

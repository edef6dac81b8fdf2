package io.kledger.log;

import java.util.ServiceLoader;

/** Opens one kind of ledger. Implementations are found with {@link ServiceLoader}. */
public interface EventLogProvider {

  /** Whether {@link #openLog} can be asked for this address. */
  boolean handles(LedgerUri uri);

  /**
   * Opens the ledger.
   *
   * @throws LogException if that fails
   */
  EventLog openLog(LedgerUri uri, LogOptions options);

  /**
   * Opens a ledger with the first provider that handles its address.
   *
   * @throws LogException.BadUri if none does
   */
  static EventLog open(LedgerUri uri, LogOptions options) {
    for (var provider :
        ServiceLoader.load(EventLogProvider.class, EventLogProvider.class.getClassLoader())) {
      if (provider.handles(uri)) {
        return provider.openLog(uri, options);
      }
    }
    throw new LogException.BadUri(
        switch (uri) {
          case LedgerUri.Directory directory -> "no local event log in this build: " + directory;
          case LedgerUri.Kafka kafka ->
              "Kafka ledgers are not available in this build: " + kafka + "; use a directory";
        });
  }
}

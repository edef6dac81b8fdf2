package io.kledger.log.local;

import io.kledger.log.EventLog;
import io.kledger.log.EventLogProvider;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;

/** Opens ledgers in directories. */
public final class LocalEventLogProvider implements EventLogProvider {

  /** For {@link java.util.ServiceLoader}. */
  public LocalEventLogProvider() {}

  @Override
  public boolean handles(LedgerUri uri) {
    return uri instanceof LedgerUri.Directory;
  }

  @Override
  public EventLog openLog(LedgerUri uri, LogOptions options) {
    return LocalEventLog.open((LedgerUri.Directory) uri, options);
  }
}

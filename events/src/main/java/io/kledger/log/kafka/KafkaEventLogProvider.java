package io.kledger.log.kafka;

import io.kledger.log.EventLog;
import io.kledger.log.EventLogProvider;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;

/** Opens ledgers on Kafka. */
public final class KafkaEventLogProvider implements EventLogProvider {

  @Override
  public boolean handles(LedgerUri uri) {
    return uri instanceof LedgerUri.Kafka;
  }

  @Override
  public EventLog openLog(LedgerUri uri, LogOptions options) {
    return KafkaEventLog.open((LedgerUri.Kafka) uri, options);
  }
}

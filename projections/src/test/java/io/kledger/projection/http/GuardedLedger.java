package io.kledger.projection.http;

import java.util.HashMap;
import java.util.Map;

/** An empty ledger that takes events, with bounds so narrow that a test can meet them. */
public class GuardedLedger extends EmptyLedger {
  @Override
  public Map<String, String> start() {
    Map<String, String> properties = new HashMap<>(super.start());
    properties.put("kledger.subscribers", "12");
    properties.put("kledger.redact", "env:*TOKEN*,arg:--password,arg:-p");
    properties.put("kledger.rate", "40");
    properties.put("quarkus.http.read-timeout", "2s");
    return properties;
  }
}

package io.kledger.projection.http;

import io.kledger.projection.ledger.ServedLedger;
import io.kledger.projection.ledger.Unavailable;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the ledger is open and every machine's log has been folded. */
@Readiness
@ApplicationScoped
public class Ready implements HealthCheck {
  @Inject ServedLedger ledger;

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("ledger").withData("ledger", ledger.uri().toString());
    boolean ready = true;
    try {
      for (ServedLedger.Status machine : ledger.machines()) {
        ready &= machine.ready();
        response.withData(
            machine.machine().name(),
            machine.ready()
                ? "@" + machine.events()
                : "folding, @" + machine.folded() + " of @" + machine.events());
      }
    } catch (Unavailable e) {
      return response.withData("reason", e.getMessage()).down().build();
    }
    return response.status(ready).build();
  }
}

package io.kledger.projection.feed;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Takes the rules of redaction from the configuration; rules that are wrong let nothing start. */
@ApplicationScoped
public class RedactionRules {
  /** See {@link Redaction}. */
  @ConfigProperty(name = "kledger.redact")
  Optional<String> rules;

  void start(@Observes StartupEvent event) {
    Redaction.use(rules.map(Redaction::parse).orElse(null));
  }
}

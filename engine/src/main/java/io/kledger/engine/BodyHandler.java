package io.kledger.engine;

import org.apache.avro.specific.SpecificRecord;

/**
 * The rules for an event that is not a system call: a death, a signal, an observation, a directive.
 */
@FunctionalInterface
public interface BodyHandler<B extends SpecificRecord> {
  void handle(CallContext context, B body);
}

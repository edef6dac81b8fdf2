package io.kledger.scenario;

import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * What a scenario writes into out-parameters is an expectation. Where the engine gives none, the
 * expectation must not stand for its answer.
 */
final class OutParameters {
  private OutParameters() {}

  /** The call without its out-parameters; the same object if it has none. */
  static SpecificRecord removed(SpecificRecord call) {
    SpecificRecord copy = null;
    for (Schema.Field field : call.getSchema().getFields()) {
      boolean out = Boolean.TRUE.equals(field.getObjectProp("out"));
      if (out && call.get(field.pos()) != null && field.schema().isNullable()) {
        copy = copy == null ? SpecificData.get().deepCopy(call.getSchema(), call) : copy;
        copy.put(field.pos(), null);
      }
    }
    return copy == null ? call : copy;
  }
}

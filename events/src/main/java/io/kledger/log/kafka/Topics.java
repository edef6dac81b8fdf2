package io.kledger.log.kafka;

import java.util.List;

/**
 * The names of a ledger's topics.
 *
 * @param prefix what they begin with
 */
public record Topics(String prefix) {

  /** The events: key is the machine, value one event in single-object encoding. Never expires. */
  public String events() {
    return prefix + ".events";
  }

  /** Compacted: where each machine's log ends and can be entered, and what it was taken from. */
  public String machines() {
    return prefix + ".machines";
  }

  /** Compacted: the Avro schemas that events were written with, by fingerprint. */
  public String schemas() {
    return prefix + ".schemas";
  }

  /** What could not be read as an event, as it was. */
  public String rejected() {
    return prefix + ".rejected";
  }

  /** The change feed, written by the fold. */
  public String changes() {
    return prefix + ".changes";
  }

  /** All of them. */
  public List<String> all() {
    return List.of(events(), machines(), schemas(), rejected(), changes());
  }
}

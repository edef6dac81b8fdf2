/**
 * The event log: the only source of truth, append-only, ordered per machine. {@link
 * io.kledger.log.EventLog} is what readers and writers see; where it lives (a directory, Kafka) is
 * said by a {@link io.kledger.log.LedgerUri} and found through {@link
 * io.kledger.log.EventLogProvider}.
 *
 * <p>Knows nothing of kernel semantics and of how traces are read.
 */
package io.kledger.log;

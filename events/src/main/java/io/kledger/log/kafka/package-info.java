/**
 * The event log on Kafka. A ledger is a set of topics with a common prefix, see {@link
 * io.kledger.log.kafka.Topics}. A machine's events are in one partition, written in transactions:
 * what a commit acknowledges, and how far the sources were read, is there whole or not at all, and
 * a second writer fences the first.
 *
 * <p>Knows nothing of kernel semantics.
 */
package io.kledger.log.kafka;

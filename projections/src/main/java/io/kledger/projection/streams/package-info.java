/**
 * The fold on Kafka Streams: one task per partition of the events, the engine as it is, its rows in
 * state stores with changelogs, the changes in a topic, all in one transaction. Any number of
 * instances share the partitions; what that takes is Kafka's work, not ours.
 */
package io.kledger.projection.streams;

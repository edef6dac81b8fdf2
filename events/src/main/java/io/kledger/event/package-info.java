/**
 * What an event is about, besides its Avro records: machines and positions. Knows nothing of where
 * events are kept.
 */
package io.kledger.event;

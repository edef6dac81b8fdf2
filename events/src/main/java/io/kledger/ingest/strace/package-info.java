/**
 * Reads and writes the text of strace(1), versions 6.1 to 7.2 in every style of output.
 *
 * <p>The way of a line: bytes, {@link io.kledger.ingest.strace.StraceLine} (its form), {@link
 * io.kledger.ingest.strace.Value} trees (its arguments), a typed record bound by the schema's
 * properties, an event. Nothing here knows what a call does, and no call has code of its own.
 */
package io.kledger.ingest.strace;

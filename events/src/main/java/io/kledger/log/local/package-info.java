/**
 * The event log in a directory.
 *
 * <pre>
 * LEDGER/ledger                          what this is, format version, the ledger's id
 * LEDGER/schemas/FINGERPRINT.avsc        each schema that events were written with
 * LEDGER/machines/NAME/lock              locked by the one writer; holds its pid
 * LEDGER/machines/NAME/end               what was acknowledged last ({@link EndFile})
 * LEDGER/machines/NAME/POSITION.log      a segment: {@link SegmentHeader}, then batches
 * LEDGER/machines/NAME/POSITION.idx      where in the segment some positions are; can be rebuilt
 * LEDGER/machines/NAME/*.torn            what was cut back after a crash
 * </pre>
 *
 * <p>A batch is a {@link BatchHeader} and a body: notes on sources, and events as {@link
 * io.kledger.log.codec.Deltas}, compressed against the first events of the segment ({@link
 * SegmentPrefix}). It is written whole, checked whole, and visible once a commit made it durable.
 * Numbers are big-endian, checksums CRC-32C.
 */
package io.kledger.log.local;

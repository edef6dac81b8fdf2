/**
 * Recordings of a real kernel: a trace with snapshots of the kernel's state, tied to its lines.
 * Knows the files of a recording, not what they mean.
 */
package io.kledger.ingest.recording;

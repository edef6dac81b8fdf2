/**
 * Takes whole files into a log: traces, and recordings with the snapshot that they begin from. What
 * was taken in before is not taken in again.
 */
package io.kledger.ingest.load;

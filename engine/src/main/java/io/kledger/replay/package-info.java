/**
 * From events to states: folding a log into a store, states as of any position or time,
 * differences, the history of a row, snapshots. No counterpart in the kernel; knows nothing of how
 * states are shown.
 */
package io.kledger.replay;

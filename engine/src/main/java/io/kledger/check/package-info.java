/**
 * Compares what the engine holds with what a real kernel held: a recording is folded line by line,
 * and at each of its snapshots mounts, locks and tasks must agree up to the names that the kernel
 * chose. The comparisons are pure; they know texts, not the engine.
 */
package io.kledger.check;

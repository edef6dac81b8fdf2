/**
 * Proposed: blobfs, a store of files that are named by their fs-verity digest (fs/verity). Knows
 * nothing of calls.
 */
package io.kledger.engine.blob;

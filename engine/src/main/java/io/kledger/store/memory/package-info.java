/** Stores in memory. Knows nothing of the kernel. */
package io.kledger.store.memory;

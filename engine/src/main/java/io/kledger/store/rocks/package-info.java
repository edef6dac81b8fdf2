/** Stores on disk, in RocksDB. The only package that knows it. Knows nothing of the kernel. */
package io.kledger.store.rocks;

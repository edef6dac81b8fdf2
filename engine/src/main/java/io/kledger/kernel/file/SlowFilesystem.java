package io.kledger.kernel.file;

import io.kledger.store.Row;

/** A filesystem whose I/O does not answer. Key: that of the superblock. */
public record SlowFilesystem(long key) implements Row {}

package io.kledger.kernel.file;

import io.kledger.store.Row;

/**
 * struct files_struct: shared by tasks cloned with CLONE_FILES. Its slots are {@link FdSlot} rows.
 *
 * @param complete false if it may hold fds that the log has not shown
 */
public record FdTable(long key, boolean complete) implements Row {}

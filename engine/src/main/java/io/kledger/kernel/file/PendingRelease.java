package io.kledger.kernel.file;

import io.kledger.store.Row;

/**
 * The last reference to an open file description is gone, and its flush waits for the filesystem.
 *
 * @param description key of the OpenFileDescription
 * @param asynchronous true if nobody waits: locks are gone and watchers told; false if the caller
 *     of close(2) does, and all that is yet to come
 * @param user real user id of who closed it, whose releases come one after the other
 * @param task key of the closing task
 * @param table key of the FdTable it was closed in
 */
public record PendingRelease(
    long key, long description, boolean asynchronous, int user, long task, long table)
    implements Row {}

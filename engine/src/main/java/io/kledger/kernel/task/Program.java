package io.kledger.kernel.task;

import io.kledger.kernel.file.Place;
import io.kledger.store.Row;

/**
 * The file that a process runs (mm->exe_file). While it runs, nobody may open the file for writing,
 * and its mount is in use. Key: the {@link ThreadGroup}'s.
 *
 * @param inode key of the Inode
 * @param place where it was found; unknown for a file without a name
 */
public record Program(long key, long inode, Place place) implements Row {}

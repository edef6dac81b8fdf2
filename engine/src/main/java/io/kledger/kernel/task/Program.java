package io.kledger.kernel.task;

import io.kledger.kernel.file.Place;
import io.kledger.store.Row;

/**
 * The file that a process runs (mm->exe_file). While it runs, nobody may open the file for writing.
 * Only where the engine is the kernel. Key: the {@link ThreadGroup}'s.
 *
 * @param inode key of the Inode
 * @param place where it was found; unknown for a file without a name
 */
public record Program(long key, long inode, Place place) implements Row {}

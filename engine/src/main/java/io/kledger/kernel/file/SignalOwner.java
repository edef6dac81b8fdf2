package io.kledger.kernel.file;

import io.kledger.store.Row;

/**
 * Who is told of input and output, and of lease breaks (struct fown_struct).
 *
 * @param key of the open file description
 * @param type F_OWNER_TID 0, F_OWNER_PID 1, F_OWNER_PGRP 2
 * @param pid as set, a number of the caller's pid namespace; 0 if nobody
 * @param signal of F_SETSIG, 0 for SIGIO
 */
public record SignalOwner(long key, int type, int pid, int signal) implements Row {}

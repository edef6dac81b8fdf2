/**
 * Names, inodes, fd tables and open file descriptions as the system calls use them: fs/namei.c,
 * fs/dcache.c, fs/file.c, fs/file_table.c. The rows are in {@link io.kledger.kernel.file}; nothing
 * here knows a particular call.
 */
package io.kledger.engine.file;

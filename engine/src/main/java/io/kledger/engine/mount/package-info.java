/**
 * The mount model: fs/namespace.c and fs/pnode.c. Works on mount, superblock and namespace rows;
 * knows nothing of the arguments of system calls.
 */
package io.kledger.engine.mount;

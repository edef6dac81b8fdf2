/**
 * The rules of the system calls, one class per family, named as the kernel's files and man pages
 * name them. They read the state and emit changes; they know nothing of traces, logs or views.
 */
package io.kledger.engine.syscall;

/**
 * A whole running system as events: a bpftrace program on the tracepoints raw_syscalls and sched,
 * and a reader of what it prints. Kernel counterpart: include/trace/events/syscalls.h and sched.h.
 * Knows nothing of what a call does.
 */
package io.kledger.ingest.live;

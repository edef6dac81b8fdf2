/**
 * Audit logs as events: what auditd writes, what {@code ausearch --format raw} prints, what
 * journald exports. Kernel counterpart: kernel/audit.c and kernel/auditsc.c. Knows nothing of what
 * a call does.
 */
package io.kledger.ingest.audit;

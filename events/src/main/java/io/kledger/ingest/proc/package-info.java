/**
 * What /proc says of a machine, as observation events: read from the snapshot of a recording, or
 * from the running kernel. Counterpart: fs/proc. Knows the text forms of /proc, not what they mean.
 */
package io.kledger.ingest.proc;

/** What time brings about: expired waits and leases. Its kernel counterpart is kernel/time. */
package io.kledger.engine.time;

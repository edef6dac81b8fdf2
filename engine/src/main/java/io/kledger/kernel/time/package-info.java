/** Deadlines that the kernel holds: kernel/time. Knows nothing of what happens at them. */
package io.kledger.kernel.time;

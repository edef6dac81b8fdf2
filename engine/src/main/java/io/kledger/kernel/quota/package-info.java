/** Disk quotas. */
package io.kledger.kernel.quota;

/** Watches and their queues as state: fs/notify. */
package io.kledger.kernel.watch;

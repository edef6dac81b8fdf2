/** Requests of io_uring instances. */
package io.kledger.kernel.uring;

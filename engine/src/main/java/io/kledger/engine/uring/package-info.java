/** Life of requests of io_uring instances: io_uring/io_uring.c. */
package io.kledger.engine.uring;

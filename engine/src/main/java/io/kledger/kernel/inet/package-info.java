/** Network devices, routes and addresses of IPv4 sockets, as far as they decide who sends. */
package io.kledger.kernel.inet;

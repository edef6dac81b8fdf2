/** Which way IPv4 packets go, and from which address. */
package io.kledger.engine.inet;

/** Turns what others recorded into events; one package for each kind of source. */
package io.kledger.ingest;

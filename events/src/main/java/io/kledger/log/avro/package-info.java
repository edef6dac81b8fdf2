/**
 * Logs as Avro object container files, which every Avro tool opens, and back. Written with Avro's
 * own classes; nothing of kledger is needed to read them.
 */
package io.kledger.log.avro;

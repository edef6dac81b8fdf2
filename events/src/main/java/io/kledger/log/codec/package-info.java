/**
 * Events as bytes: Avro's binary encoding, read and written without Avro's interpreters where the
 * schema is our own, and with Avro's schema resolution where it is not. The bytes are plain Avro
 * either way.
 */
package io.kledger.log.codec;

/**
 * Taking a source into a log once, however often and under whatever name it is offered. Knows
 * nothing of the format of a source; readers are handed a stream and give events.
 */
package io.kledger.log.source;

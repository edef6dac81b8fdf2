/**
 * The ledger that the service serves: opens it, keeps its folded state near the end of the log, and
 * hands out states as of any moment. Knows nothing of HTTP.
 */
package io.kledger.projection.ledger;

/**
 * What the service answers over HTTP: the views as resources. Knows nothing of terminals, and holds
 * no state of its own.
 */
package io.kledger.projection.http;

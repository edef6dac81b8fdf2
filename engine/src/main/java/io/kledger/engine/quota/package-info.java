/** Limits and their enforcement: fs/quota. */
package io.kledger.engine.quota;

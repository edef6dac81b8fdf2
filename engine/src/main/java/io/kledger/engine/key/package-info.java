/** Rules of keyrings: security/keys. Signatures are not verified: who made one is given. */
package io.kledger.engine.key;

/**
 * Evidence that a log is what it was: a hash of each event, a chain and a Merkle tree (RFC 6962)
 * over them, and checkpoints signed with Ed25519 in C2SP's note format. Knows nothing of what
 * events mean.
 */
package io.kledger.log.seal;

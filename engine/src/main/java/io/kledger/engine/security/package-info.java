/** Hooks of the Linux Security Modules: security/security.c. Knows no call; calls ask it. */
package io.kledger.engine.security;

/** Security policy as state: security/security.c and what registers there. */
package io.kledger.kernel.security;

/** Namespaces and identity: kernel/nsproxy.c, kernel/user_namespace.c, security/commoncap.c. */
package io.kledger.engine.ns;

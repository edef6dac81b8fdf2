package io.kledger.kernel.ns;

import io.kledger.store.Row;

/** The name that a scenario gave a namespace. Key: the namespace's. */
public record NamespaceName(long key, NamespaceKind kind, String name) implements Row {}

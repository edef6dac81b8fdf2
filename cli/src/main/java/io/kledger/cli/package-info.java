/**
 * The {@code kledger} command. Nothing here knows the kernel, or boots Quarkus except {@code
 * serve}.
 */
package io.kledger.cli;

/** Registering formats and finding the one for a file: fs/binfmt_misc.c. */
package io.kledger.engine.binfmt;

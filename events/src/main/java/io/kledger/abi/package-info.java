/**
 * The Linux x86-64 binary interface in names: error numbers, flags, system call numbers. Data only;
 * what a flag does is not known here.
 */
package io.kledger.abi;

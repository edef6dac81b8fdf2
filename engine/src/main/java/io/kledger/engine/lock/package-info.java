/**
 * File locks: fs/locks.c. Knows inodes and open file descriptions by key only, and no system call:
 * those say what is requested.
 */
package io.kledger.engine.lock;

/**
 * The filter language, one evaluator for all users of it: {@code evt.type in (mount,umount2) and
 * proc.name=systemd}. Field names as in sysdig(8).
 */
package io.kledger.filter;

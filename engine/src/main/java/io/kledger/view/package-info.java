/**
 * Views: pure functions of a state, as the kernel's own texts (/proc/locks, /proc/PID/cgroup ...)
 * and as sheets of values for tables and JSON. Counterparts: the show functions of fs/proc and the
 * columns of util-linux. They know nothing of logs, of terminals and of HTTP.
 */
package io.kledger.view;

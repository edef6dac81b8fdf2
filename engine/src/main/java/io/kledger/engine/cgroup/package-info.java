/** Control groups, version 2: kernel/cgroup/cgroup.c. */
package io.kledger.engine.cgroup;

/** The device cgroup: security/device_cgroup.c. */
package io.kledger.engine.device;

/**
 * State that was seen, not caused: what /proc showed of tasks, descriptors and cgroups when a
 * recording began.
 */
package io.kledger.engine.observe;

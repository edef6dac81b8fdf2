/**
 * The model machine of the scenario format, and statements about the world outside the system
 * calls: start state, time, limits, devices.
 */
package io.kledger.engine.environment;

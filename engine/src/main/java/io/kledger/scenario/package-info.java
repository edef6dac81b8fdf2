/**
 * Scenarios: annotated traces as executable specification. The parser knows the format, the runner
 * feeds the engine without any expected value, the matcher compares what the engine computed with
 * what the file says. No kernel rule is here.
 */
package io.kledger.scenario;

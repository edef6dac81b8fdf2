package io.kledger.check;

/**
 * One difference.
 *
 * @param line of the trace
 * @param kind `mountinfo`, `locks`, `task.FIELD`, `result`, `rejected`
 * @param call of a result: the system call; else empty
 * @param rule of a result: what the prediction followed; else empty
 * @param text what differs, several lines
 */
public record Finding(long line, String kind, String call, String rule, String text) {}

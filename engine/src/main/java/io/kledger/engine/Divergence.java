package io.kledger.engine;

/**
 * Prediction and observation differ.
 *
 * @param position of the event
 * @param call name of the call
 * @param predicted as a trace prints it
 * @param observed as a trace prints it
 * @param rule what the prediction followed
 */
public record Divergence(
    long position, int tid, String call, String predicted, String observed, String rule) {}

package io.kledger.projection.http;

import io.kledger.view.Sheet;

/**
 * A view at a moment.
 *
 * @param machine its name
 * @param position of the last event that it shows
 * @param end position of the last event of the log
 * @param gaps places before the position where events are missing
 * @param rows what the view shows
 */
public record Answer(String machine, long position, long end, long gaps, Sheet rows) {}

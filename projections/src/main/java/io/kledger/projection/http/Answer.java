package io.kledger.projection.http;

import io.kledger.view.Sheet;

/**
 * A view at a moment.
 *
 * @param machine its name
 * @param position of the last event that it shows
 * @param end position of the last event of the log
 * @param gaps places before the position where events are missing
 * @param exact whether nothing is known to be missing
 * @param total rows there are, of which {@code rows} may be a page
 * @param next cursor of the next page; null if this is the last
 * @param rows what the view shows
 */
public record Answer(
    String machine,
    long position,
    long end,
    long gaps,
    boolean exact,
    long total,
    String next,
    Sheet rows) {}

/**
 * What happened on a machine, event by event: for pages of changes, for subscribers, and counted
 * for the timeline. Knows nothing of HTTP.
 */
package io.kledger.projection.feed;

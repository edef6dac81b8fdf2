package io.kledger.projection.feed;

import java.util.List;

/**
 * How much happened when.
 *
 * @param from position before the first event counted
 * @param to position of the last
 * @param indexed position up to which the log has been looked at; what is beyond is not counted yet
 * @param families what the counts of a bucket are of
 * @param marked how many places matter; where they are too many, marks are some of them
 * @param marks where events are missing, where the engine and the machine differ, and what was
 *     marked
 */
public record Timeline(
    long from,
    long to,
    long indexed,
    List<String> families,
    List<Bucket> buckets,
    int marked,
    List<Mark> marks) {

  /**
   * Some events that follow each other.
   *
   * @param from position of the first
   * @param to position of the last
   * @param time of about the first, RFC 3339; null if the log knows no times
   * @param counts events that changed something, by family
   */
  public record Bucket(long from, long to, String time, int[] counts) {}

  /**
   * A place that matters.
   *
   * @param kind {@code gap}, {@code divergence}, {@code defect} or {@code marker}
   */
  public record Mark(String kind, long position, String text) {}
}

package io.kledger.projection.feed;

import io.kledger.event.avro.Gap;
import io.kledger.event.avro.Marker;
import io.kledger.filter.EventFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How much happened when: one byte an event, and the places that matter. */
final class Density {
  private static final int MOST_MARKS = 20_000;
  private static final int TIME_EVERY = 64;

  private byte[] masks = new byte[1 << 12];
  private long[] times = new long[1 << 6];
  private int events;
  private long divergences;
  private final List<Timeline.Mark> marks = new ArrayList<>();

  synchronized void add(Happening happening) {
    if (events == masks.length) {
      masks = Arrays.copyOf(masks, events * 2);
      times = Arrays.copyOf(times, masks.length / TIME_EVERY);
    }
    if (events % TIME_EVERY == 0) {
      times[events / TIME_EVERY] = happening.event().getRealtime();
    }
    masks[events++] = Families.mask(happening.notes());
    long position = happening.position();
    switch (happening.event().getBody()) {
      case Gap gap -> mark("gap", position, String.valueOf(gap.getReason()));
      case Marker marker -> mark("marker", position, marker.getName());
      default -> {}
    }
    if (happening.defect() != null) {
      mark("defect", position, happening.defect());
    }
    var divergence = happening.divergence();
    if (divergence != null) {
      divergences++;
      mark(
          "divergence",
          position,
          "%s: predicted %s, observed %s"
              .formatted(divergence.call(), divergence.predicted(), divergence.observed()));
    }
  }

  private void mark(String kind, long position, String text) {
    if (marks.size() < MOST_MARKS) {
      marks.add(new Timeline.Mark(kind, position, text));
    }
  }

  synchronized long divergences() {
    return divergences;
  }

  /** The events after {@code from} up to {@code to} in so many buckets at most. */
  synchronized Timeline timeline(long from, long to, int buckets, int mostMarks) {
    long last = Math.min(to, events);
    List<Timeline.Bucket> result = new ArrayList<>();
    long width = Math.max(1, (to - from + buckets - 1) / buckets);
    for (long start = from; start < last; start += width) {
      int end = (int) Math.min(last, start + width);
      long time = times[(int) start / TIME_EVERY];
      result.add(
          new Timeline.Bucket(
              start + 1,
              end,
              time == 0 ? null : EventFields.time(time),
              Families.count(masks, (int) start, end)));
    }
    List<Timeline.Mark> shown =
        marks.stream()
            .filter(mark -> mark.position() > from && mark.position() <= to)
            .limit(mostMarks)
            .toList();
    return new Timeline(from, to, events, Families.NAMES, result, shown);
  }
}

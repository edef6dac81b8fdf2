package io.kledger.cli.command;

import io.kledger.event.avro.Event;
import io.kledger.filter.EventFields;
import io.kledger.filter.Filter;
import io.kledger.kernel.KernelState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which events are left out: ranges of positions, and filters. */
final class Dropped implements BiPredicate<Event, KernelState> {
  private static final Pattern RANGE =
      Pattern.compile("@(\\d{1,18})(?:(?:-|\\.\\.)@?(\\d{1,18}))?");

  private record Range(long first, long last) {}

  private final List<Range> ranges = new ArrayList<>();
  private final List<Filter> filters = new ArrayList<>();

  private Dropped() {}

  /** Parses {@code @N}, {@code @N-@M}, several with commas; anything else is a filter. */
  static Dropped parse(List<String> texts) {
    Dropped dropped = new Dropped();
    for (String text : texts) {
      if (text.startsWith("@")) {
        for (String part : text.split(",")) {
          Matcher range = RANGE.matcher(part.strip());
          if (!range.matches()) {
            throw new IllegalArgumentException(
                "--drop " + text + ": expected @N or @N-@M, not '" + part + "'");
          }
          long first = Long.parseLong(range.group(1));
          long last = range.group(2) == null ? first : Long.parseLong(range.group(2));
          dropped.ranges.add(new Range(first, last));
        }
      } else {
        dropped.filters.add(Filter.parse(text));
      }
    }
    return dropped;
  }

  /** The first position that can be meant; {@link Long#MAX_VALUE} if nothing is. */
  long first() {
    return filters.isEmpty()
        ? ranges.stream().mapToLong(Range::first).min().orElse(Long.MAX_VALUE)
        : 1;
  }

  @Override
  public boolean test(Event event, KernelState state) {
    long position = event.getPosition();
    return ranges.stream().anyMatch(r -> r.first() <= position && position <= r.last())
        || filters.stream().anyMatch(f -> f.matches(new EventFields(event, state)));
  }
}

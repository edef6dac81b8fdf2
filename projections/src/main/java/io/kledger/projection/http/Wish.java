package io.kledger.projection.http;

import io.kledger.filter.Filter;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a subscriber wants to hear of.
 *
 * @param filterText the filter as it was asked for; null for none
 * @param heartbeat seconds of silence after which something is sent all the same
 */
record Wish(Set<String> families, Filter filter, String filterText, Format format, int heartbeat) {
  private static final int USUAL_HEARTBEAT = 15;
  private static final int MOST_HEARTBEAT = 300;

  /** How changes are put. */
  enum Format {
    JSON,
    CLOUDEVENTS,
    NATIVE
  }

  /**
   * Understands the parameters of a subscription.
   *
   * @param formats those that the connection can carry
   */
  static Wish of(
      String what, String filter, String format, String heartbeat, List<Format> formats) {
    return new Wish(
        EventsResource.families(what),
        Query.filter(filter),
        filter,
        format(format, formats),
        heartbeat(heartbeat));
  }

  private static Format format(String text, List<Format> formats) {
    if (text == null) {
      return Format.JSON;
    }
    for (Format format : formats) {
      if (text.equals(format.name().toLowerCase(Locale.ROOT))) {
        return format;
      }
    }
    throw new Problem(
        400,
        "format="
            + text
            + ": expected "
            + String.join(
                " or ", formats.stream().map(f -> f.name().toLowerCase(Locale.ROOT)).toList()));
  }

  private static int heartbeat(String text) {
    if (text == null) {
      return USUAL_HEARTBEAT;
    }
    if (!text.matches("[0-9]{1,3}")
        || Integer.parseInt(text) < 1
        || Integer.parseInt(text) > MOST_HEARTBEAT) {
      throw new Problem(
          400, "heartbeat=" + text + ": expected seconds from 1 to " + MOST_HEARTBEAT);
    }
    return Integer.parseInt(text);
  }

  /** Those who want the same can be given the same bytes. */
  String key() {
    return families + "\n" + filterText + "\n" + format;
  }
}

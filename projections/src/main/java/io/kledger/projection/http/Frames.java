package io.kledger.projection.http;

import io.kledger.projection.feed.Happening;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What was put into words a moment ago: subscribers who want the same and are at the same place get
 * the same bytes, which were made once.
 */
@ApplicationScoped
public class Frames {
  private static final int MOST_FRAMES = 2_000;
  private static final long MOST_BYTES = 32L << 20;

  /** Frames end at multiples of this, so that subscribers who began apart come together. */
  static final int EVENTS = 512;

  private record Key(String feed, String wish, boolean socket, long after) {}

  private final Map<Key, Frame> frames = new LinkedHashMap<>();
  private long bytes;

  /** Events that a frame after a position has at most. */
  static int most(long after) {
    return (int) (EVENTS - after % EVENTS);
  }

  /**
   * The frame after a position.
   *
   * @param feed what it is of
   * @param to position of the last event in it
   */
  Frame frame(String feed, Wish wish, boolean socket, long after, long to, Supplier<Frame> made) {
    Key key = new Key(feed, wish.key(), socket, after);
    synchronized (this) {
      Frame known = frames.get(key);
      if (known != null && known.to() == to) {
        return known;
      }
    }
    Frame frame = made.get();
    synchronized (this) {
      Frame before = frames.put(key, frame);
      bytes += frame.size() - (before == null ? 0 : before.size());
      var oldest = frames.entrySet().iterator();
      while ((frames.size() > MOST_FRAMES || bytes > MOST_BYTES) && oldest.hasNext()) {
        bytes -= oldest.next().getValue().size();
        oldest.remove();
      }
    }
    return frame;
  }

  /** Puts events into a frame. */
  static Frame encode(Encoding encoding, List<Happening> happenings) {
    happenings.forEach(encoding::tell);
    return encoding.frame(happenings.getLast().position());
  }
}

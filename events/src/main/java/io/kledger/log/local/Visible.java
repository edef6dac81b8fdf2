package io.kledger.log.local;

import io.kledger.log.LogException;
import java.io.IOException;
import java.util.function.Consumer;

/** How far readers may read: to the last acknowledged event. Shared by the cursors of a machine. */
final class Visible {

  private final MachineFiles files;
  private final Consumer<String> notices;
  private EndFile.End seen;
  private boolean known;
  private long position;

  Visible(MachineFiles files, Consumer<String> notices) {
    this.files = files;
    this.notices = notices;
  }

  /** The last acknowledged position as of now. */
  synchronized long end() throws IOException {
    var now = EndFile.read(files.end());
    if (!known || now == null || !now.equals(seen)) {
      position = resolve(now);
      seen = now;
      known = true;
    }
    return position;
  }

  private long resolve(EndFile.End now) throws IOException {
    if (now != null && now.current()) {
      if (now.position() == 0 || known || isThere(now)) {
        return now.position();
      }
      long last = scan(null);
      notices.accept(
          "machine "
              + files.machine()
              + ": events "
              + (last + 1)
              + " to "
              + now.position()
              + " were acknowledged but are not there: the end of "
              + files.segment(now.segment())
              + " was cut off; restore it from a copy");
      return last;
    }
    return scan(now);
  }

  private boolean isThere(EndFile.End now) {
    return files.segment(now.segment()).toFile().length() >= now.offset();
  }

  /** No note that can be relied on: what the segments hold, up to the last whole batch. */
  private long scan(EndFile.End from) throws IOException {
    var segments = files.segments();
    if (segments.length == 0) {
      return 0;
    }
    long base = segments[segments.length - 1];
    try (var segment = Segment.open(files, base)) {
      boolean skip = from != null && from.segment() == base && from.offset() <= segment.size();
      return SegmentWalk.verified(
                  segment,
                  skip ? from.offset() : segment.dataOffset(),
                  skip ? from.position() + 1 : base,
                  (batch, offset, body) -> {})
              .next()
          - 1;
    } catch (LogException.Damaged e) {
      return base - 1;
    }
  }
}

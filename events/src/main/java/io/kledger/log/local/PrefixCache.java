package io.kledger.log.local;

import io.kledger.log.codec.WireException;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The dictionaries of the segments that are being read; a few are kept. Safe for several threads.
 */
final class PrefixCache {

  private static final int KEPT = 4;

  private final Map<Long, Loaded> loaded =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Loaded> eldest) {
          return size() > KEPT;
        }
      };

  /** The dictionaries of a segment, which must be open when they are asked for. */
  SegmentPrefix.Loader of(Segment segment) {
    return log -> {
      Loaded entry;
      synchronized (loaded) {
        entry = loaded.computeIfAbsent(segment.header().base(), base -> new Loaded());
      }
      return entry.first(segment, log);
    };
  }

  /** Reads the first events of a segment that a writer goes on with. */
  static void fill(SegmentPrefix prefix, Segment segment, long end) throws IOException {
    var entry = new Loaded(prefix);
    entry.next = segment.dataOffset();
    try {
      while (!prefix.isFull() && entry.next < end) {
        entry.load(segment);
      }
    } finally {
      entry.unpacker.close();
    }
  }

  /** What was read of one segment so far. */
  private static final class Loaded {
    private final SegmentPrefix prefix;
    private final Map<Integer, byte[]> firsts = new HashMap<>();
    private final Unpacker unpacker = new Unpacker();
    private long next;

    Loaded() {
      this(new SegmentPrefix());
    }

    Loaded(SegmentPrefix prefix) {
      this.prefix = prefix;
    }

    synchronized byte[] first(Segment segment, int log) throws IOException {
      var known = firsts.get(log);
      if (known != null) {
        return known;
      }
      if (next == 0) {
        next = segment.dataOffset();
      }
      try {
        while (!prefix.has(log)) {
          load(segment);
        }
      } finally {
        unpacker.close();
      }
      return firsts.computeIfAbsent(log, prefix::first);
    }

    private void load(Segment segment) throws IOException {
      var batch = segment.batchAt(next);
      var body = batch == null ? null : segment.body(batch, next);
      if (body == null) {
        throw Recovery.damaged(
            segment, new SegmentWalk.Stop(next, batch == null ? 0 : batch.base(), 0));
      }
      byte[] raw = new byte[batch.rawLength()];
      unpacker.unpack(batch, body, this::known, raw);
      prefix.add(raw, raw.length);
      next += batch.totalLength();
    }

    private byte[] known(int log) {
      if (!prefix.has(log)) {
        throw new WireException("it needs more of the segment than there is before it");
      }
      return firsts.computeIfAbsent(log, prefix::first);
    }
  }
}

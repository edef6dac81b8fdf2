package io.kledger.log.local;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.kledger.event.avro.Event;
import io.kledger.log.codec.Deltas;
import io.kledger.log.codec.EventCodec;
import io.kledger.log.codec.WireOut;
import java.nio.ByteBuffer;

/** Collects events of one batch, as {@link Deltas}, each with its length before it. */
final class BatchBuilder implements AutoCloseable {

  /** The largest event, encoded. */
  static final int MAX_EVENT = 32 << 20;

  private final WireOut raw;
  private final int level;
  private final Deltas.Encoder deltas = new Deltas.Encoder();
  private final SegmentPrefix prefix = new SegmentPrefix();
  private ZstdCompressCtx zstd;
  private int dictionary = -1;
  private ByteBuffer out = ByteBuffer.allocate(0);
  private int count;
  private long minRealtime;
  private long maxRealtime;

  BatchBuilder(int batchBytes, int zstdLevel) {
    raw = new WireOut(batchBytes + batchBytes / 4);
    level = zstdLevel;
  }

  int count() {
    return count;
  }

  /** The beginning of the segment that batches are for; cleared when one is begun. */
  SegmentPrefix prefix() {
    return prefix;
  }

  int rawSize() {
    return raw.size();
  }

  /**
   * Adds an event.
   *
   * @throws io.kledger.log.codec.WireException if it cannot be encoded, or is larger than {@link
   *     #MAX_EVENT}; it is not added then
   */
  void add(Event event) {
    int mark = raw.size();
    deltas.encode(event, raw, MAX_EVENT);
    raw.prefixLength(mark);
    count++;
    long realtime = event.getRealtime();
    if (realtime != 0) {
      minRealtime = minRealtime == 0 ? realtime : Math.min(minRealtime, realtime);
      maxRealtime = maxRealtime == 0 ? realtime : Math.max(maxRealtime, realtime);
    }
  }

  /** The batch's bytes, valid until the next call; the builder is empty again. */
  ByteBuffer seal(long base, byte[] progress) {
    int bound =
        BatchHeader.BYTES
            + progress.length
            + (int) Math.max(raw.size(), Zstd.compressBound(raw.size()));
    if (out.capacity() < bound) {
      out = ByteBuffer.allocate(bound);
    }
    out.clear();
    out.put(BatchHeader.BYTES, progress);
    int body = BatchHeader.BYTES + progress.length;
    byte codec = BatchHeader.STORED;
    int payload = raw.size();
    if (level > 0 && payload > 0) {
      useDictionary();
      int packed =
          zstd.compressByteArray(out.array(), body, out.capacity() - body, raw.array(), 0, payload);
      if (packed < payload) {
        codec = BatchHeader.ZSTD;
        payload = packed;
      }
    }
    if (codec == BatchHeader.STORED) {
      out.put(body, raw.array(), 0, payload);
    }
    int bodyLength = progress.length + payload;
    new BatchHeader(
            bodyLength,
            BatchHeader.crc(out, BatchHeader.BYTES, bodyLength),
            base,
            count,
            raw.size(),
            EventCodec.FINGERPRINT,
            progress.length,
            codec,
            (byte) (codec == BatchHeader.ZSTD ? dictionary : 0),
            minRealtime,
            maxRealtime)
        .write(out);
    out.position(0).limit(BatchHeader.BYTES + bodyLength);
    prefix.add(raw.array(), raw.size());
    clear();
    return out;
  }

  /** The longest beginning of the segment that is there. */
  private void useDictionary() {
    int longest = prefix.longest();
    if (longest == dictionary) {
      return;
    }
    close();
    zstd = new ZstdCompressCtx().setLevel(level).setChecksum(false);
    if (longest > 0) {
      zstd.setWindowLog(SegmentPrefix.MAX_LOG + 1).loadDict(prefix.first(longest));
    }
    dictionary = longest;
  }

  private void clear() {
    raw.truncate(0);
    deltas.begin();
    count = 0;
    minRealtime = 0;
    maxRealtime = 0;
  }

  @Override
  public void close() {
    if (zstd != null) {
      zstd.close();
    }
  }
}

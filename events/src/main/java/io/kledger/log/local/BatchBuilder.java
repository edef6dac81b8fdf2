package io.kledger.log.local;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.kledger.event.avro.Event;
import io.kledger.log.codec.EventCodec;
import io.kledger.log.codec.WireOut;
import java.nio.ByteBuffer;

/**
 * Collects events of one batch. Each is written with its length before it and without its position,
 * which follows from the batch's.
 */
final class BatchBuilder implements AutoCloseable {

  /** The largest event, encoded. */
  static final int MAX_EVENT = 32 << 20;

  private final WireOut raw;
  private final ZstdCompressCtx zstd;
  private ByteBuffer out = ByteBuffer.allocate(0);
  private int count;
  private long minRealtime;
  private long maxRealtime;

  BatchBuilder(int batchBytes, int zstdLevel) {
    raw = new WireOut(batchBytes + batchBytes / 4);
    zstd = zstdLevel == 0 ? null : new ZstdCompressCtx().setLevel(zstdLevel).setChecksum(false);
  }

  int count() {
    return count;
  }

  int rawSize() {
    return raw.size();
  }

  /**
   * Adds an event whose position member is 0.
   *
   * @throws IllegalArgumentException if it is larger than {@link #MAX_EVENT}; it is not added then
   */
  void add(Event event) {
    int mark = raw.size();
    EventCodec.encode(event, raw);
    if (raw.size() - mark > MAX_EVENT) {
      int size = raw.size() - mark;
      raw.truncate(mark);
      throw new IllegalArgumentException(
          "event of " + size + " bytes; the largest is " + MAX_EVENT);
    }
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
    if (zstd != null && payload > 0) {
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
            minRealtime,
            maxRealtime)
        .write(out);
    out.position(0).limit(BatchHeader.BYTES + bodyLength);
    clear();
    return out;
  }

  private void clear() {
    raw.truncate(0);
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

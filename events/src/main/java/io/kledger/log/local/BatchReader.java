package io.kledger.log.local;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.kledger.event.avro.Event;
import io.kledger.log.LogException;
import io.kledger.log.codec.EventCodec;
import io.kledger.log.codec.WireException;
import java.nio.ByteBuffer;

/** The events of one batch after another. */
final class BatchReader {

  private final SchemaStore schemas;
  private EventCodec.Decoder decoder;
  private long fingerprint;
  private byte[] raw = new byte[0];
  private int at;
  private int end;
  private int left;
  private long position;
  private String file;
  private long offset;

  BatchReader(SchemaStore schemas) {
    this.schemas = schemas;
  }

  /** Begins a batch whose checksum is right. */
  void load(BatchHeader batch, ByteBuffer body, String file, long offset) {
    this.file = file;
    this.offset = offset;
    position = batch.base();
    left = batch.count();
    at = 0;
    end = batch.rawLength();
    if (raw.length < end) {
      raw = new byte[Math.max(end, Math.min(2 * raw.length, BatchHeader.MAX_LENGTH))];
    }
    int payload = batch.bodyLength() - batch.progressLength();
    int from = body.arrayOffset() + batch.progressLength();
    if (batch.codec() == BatchHeader.STORED) {
      if (payload != end) {
        throw damaged("payload of " + payload + " bytes instead of " + end, null);
      }
      System.arraycopy(body.array(), from, raw, 0, payload);
    } else {
      unpack(body.array(), from, payload);
    }
    if (left > 0 && (decoder == null || fingerprint != batch.fingerprint())) {
      decoder = EventCodec.decoder(schemas.get(batch.fingerprint()));
      fingerprint = batch.fingerprint();
    }
  }

  private void unpack(byte[] body, int from, int length) {
    try {
      long size = Zstd.decompressByteArray(raw, 0, end, body, from, length);
      if (size != end) {
        throw damaged("unpacks to " + size + " bytes instead of " + end, null);
      }
    } catch (ZstdException e) {
      throw damaged("does not unpack (" + e.getMessage() + ")", e);
    }
  }

  boolean hasNext() {
    return left > 0;
  }

  /** Position of the next event. */
  long position() {
    return position;
  }

  /** Goes over the next event. */
  void skip() {
    int length = length();
    at += length;
    position++;
    left--;
  }

  Event next() {
    int length = length();
    Event event;
    try {
      event = decoder.decode(raw, at, length);
    } catch (WireException e) {
      throw damaged("event " + position + " cannot be decoded (" + e.getMessage() + ")", e);
    } catch (LogException.Schema e) {
      throw new LogException.Schema(
          file + ", byte " + offset + ", position " + position + ": " + e.getMessage(), e);
    }
    event.put(0, position);
    at += length;
    position++;
    left--;
    return event;
  }

  /** Reads the length before an event, which is an Avro long. */
  private int length() {
    long number = 0;
    for (int shift = 0; shift < 35 && at < end; shift += 7) {
      byte b = raw[at++];
      number |= (b & 0x7fL) << shift;
      if (b >= 0) {
        long length = number >>> 1;
        if ((number & 1) == 0 && length <= end - at) {
          return (int) length;
        }
        break;
      }
    }
    throw damaged("event " + position + " has no length", null);
  }

  private LogException.Damaged damaged(String what, Exception cause) {
    return new LogException.Damaged(
        file,
        offset,
        position,
        "the batch has the right checksum, but "
            + what
            + "; it was written by a faulty program: keep the file and report it",
        cause);
  }
}

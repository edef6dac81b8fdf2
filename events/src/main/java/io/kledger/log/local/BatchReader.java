package io.kledger.log.local;

import io.kledger.event.avro.Event;
import io.kledger.log.LogException;
import io.kledger.log.codec.Deltas;
import io.kledger.log.codec.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The events of one batch after another. */
final class BatchReader implements AutoCloseable {

  private final SchemaStore schemas;
  private final Unpacker unpacker = new Unpacker();
  private Deltas.Decoder decoder;
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
  void load(
      BatchHeader batch, ByteBuffer body, SegmentPrefix.Loader prefix, String file, long offset)
      throws IOException {
    this.file = file;
    this.offset = offset;
    position = batch.base();
    left = batch.count();
    at = 0;
    end = batch.rawLength();
    if (raw.length < end) {
      raw = new byte[Math.max(end, Math.min(2 * raw.length, BatchHeader.MAX_LENGTH))];
    }
    try {
      unpacker.unpack(batch, body, prefix, raw);
    } catch (WireException e) {
      throw damaged(e.getMessage(), e);
    }
    if (left > 0 && (decoder == null || fingerprint != batch.fingerprint())) {
      decoder = new Deltas.Decoder(schemas.get(batch.fingerprint()));
      fingerprint = batch.fingerprint();
    }
    if (decoder != null) {
      decoder.begin();
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
    try {
      decoder.skip(raw, at, length);
    } catch (WireException e) {
      throw damaged("event " + position + " cannot be decoded (" + e.getMessage() + ")", e);
    }
    advance(length);
  }

  Event next() {
    int length = length();
    Event event;
    try {
      event = decoder.next(raw, at, length, position);
    } catch (WireException e) {
      throw damaged("event " + position + " cannot be decoded (" + e.getMessage() + ")", e);
    } catch (LogException.Schema e) {
      throw new LogException.Schema(
          file + ", byte " + offset + ", position " + position + ": " + e.getMessage(), e);
    }
    advance(length);
    return event;
  }

  private void advance(int length) {
    at += length;
    position++;
    left--;
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

  @Override
  public void close() {
    left = 0;
    unpacker.close();
  }
}

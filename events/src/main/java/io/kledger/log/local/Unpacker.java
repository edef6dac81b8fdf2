package io.kledger.log.local;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.kledger.log.codec.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Decompresses batches. Used by one thread. */
final class Unpacker implements AutoCloseable {

  private ZstdDecompressCtx zstd;
  private byte[] dictionary;

  /**
   * Decompresses a batch's events.
   *
   * @param into has room for {@link BatchHeader#rawLength()} bytes
   * @throws WireException if the body is not what the header says
   */
  void unpack(BatchHeader batch, ByteBuffer body, SegmentPrefix.Loader prefix, byte[] into)
      throws IOException {
    int length = batch.bodyLength() - batch.progressLength();
    int from = body.arrayOffset() + batch.progressLength();
    long size = length;
    if (batch.codec() == BatchHeader.ZSTD) {
      use(batch.dictionary() == 0 ? null : prefix.first(batch.dictionary()));
      try {
        size = zstd.decompressByteArray(into, 0, batch.rawLength(), body.array(), from, length);
      } catch (ZstdException e) {
        throw new WireException("it does not unpack (" + e.getMessage() + ")", e);
      }
    } else if (length == batch.rawLength()) {
      System.arraycopy(body.array(), from, into, 0, length);
    }
    if (size != batch.rawLength()) {
      throw new WireException("it unpacks to " + size + " bytes instead of " + batch.rawLength());
    }
  }

  private void use(byte[] wanted) {
    if (zstd == null || dictionary != wanted) {
      close();
      zstd = new ZstdDecompressCtx();
      if (wanted != null) {
        zstd.loadDict(wanted);
      }
      dictionary = wanted;
    }
  }

  @Override
  public void close() {
    if (zstd != null) {
      zstd.close();
      zstd = null;
    }
  }
}

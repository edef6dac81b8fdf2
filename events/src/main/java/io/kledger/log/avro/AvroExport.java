package io.kledger.log.avro;

import io.kledger.event.avro.Event;
import io.kledger.log.Cursor;
import io.kledger.log.codec.EventCodec;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;

/** Writes events as an Avro object container file ({@code .avro}), positions included. */
public final class AvroExport {

  /** How blocks are compressed. */
  public enum Compression {
    /** Known to every implementation of Avro. */
    DEFLATE,
    /** Smaller and faster; optional in the Avro specification. */
    ZSTANDARD,
    /** Not at all. */
    NONE
  }

  /** Key of the file's metadata: the machine's name. */
  public static final String MACHINE = "kledger.machine";

  private static final int SYNC_INTERVAL = 64 << 10;

  private AvroExport() {}

  /**
   * Writes the events from the cursor's position up to {@code last}, or to the end of the log. The
   * same events give the same bytes.
   *
   * @param machine is kept in the file's metadata
   * @param last the last position to write
   * @param out receives the file; is flushed, not closed
   * @return how many events were written
   * @throws IOException if writing fails
   */
  public static long write(
      String machine, Cursor events, long last, Compression compression, OutputStream out)
      throws IOException {
    var writer = new SpecificDatumWriter<Event>(EventCodec.SCHEMA);
    long count = 0;
    try (var file = new DataFileWriter<>(writer)) {
      file.setCodec(
          switch (compression) {
            case DEFLATE -> CodecFactory.deflateCodec(6);
            case ZSTANDARD -> CodecFactory.zstandardCodec(3);
            case NONE -> CodecFactory.nullCodec();
          });
      file.setSyncInterval(SYNC_INTERVAL);
      file.setMeta(MACHINE, machine);
      file.create(EventCodec.SCHEMA, new Unclosed(out), syncMarker(machine, events.position()));
      while (events.position() <= last) {
        var event = events.next();
        if (event == null) {
          break;
        }
        file.append(event);
        count++;
      }
      file.flush();
    }
    out.flush();
    return count;
  }

  /** Sixteen bytes that do not occur by accident, but are the same each time. */
  private static byte[] syncMarker(String machine, long position) {
    return SyncMarker.of(machine + "@" + position + " " + EventCodec.hex(EventCodec.FINGERPRINT));
  }

  /** Leaves the caller's stream open. */
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}

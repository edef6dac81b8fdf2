package io.kledger.log.avro;

import io.kledger.event.avro.Event;
import io.kledger.log.LogException;
import io.kledger.log.codec.EventCodec;
import java.io.IOException;
import java.io.InputStream;
import java.util.NoSuchElementException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileStream;

/**
 * Reads events from an Avro object container file: one that {@link AvroExport} wrote, or another
 * program, with any schema that resolves to ours. Events come as they are in the file, with its
 * positions and sources.
 */
public final class AvroImport implements AutoCloseable {

  private final String name;
  private final DataFileStream<Event> file;
  private long block;
  private long leftInBlock;
  private long events;

  private AvroImport(String name, DataFileStream<Event> file) {
    this.name = name;
    this.file = file;
  }

  /**
   * Opens a container file.
   *
   * @param name what messages call it
   * @param in the file's bytes; closed with this
   * @throws LogException.Damaged if it is no container file
   * @throws LogException.Schema if what it holds are no events
   * @throws LogException.Failed if reading fails
   */
  public static AvroImport open(String name, InputStream in) {
    try {
      var file = new DataFileStream<>(in, EventCodec.avroReader(null));
      requireEvents(name, file.getSchema());
      return new AvroImport(name, file);
    } catch (IOException | AvroRuntimeException e) {
      throw new LogException.Damaged(
          name, -1, 0, "not an Avro object container file: " + e.getMessage(), e);
    }
  }

  private static void requireEvents(String name, Schema schema) {
    if (!schema.getFullName().equals(EventCodec.SCHEMA.getFullName())) {
      throw new LogException.Schema(
          name
              + " holds records "
              + schema.getFullName()
              + ", not "
              + EventCodec.SCHEMA.getFullName(),
          null);
    }
  }

  /** The machine that the file says it is of; null if it does not say. */
  public String machine() {
    return file.getMetaString(AvroExport.MACHINE);
  }

  /**
   * The next event, or null at the end of the file.
   *
   * @throws LogException.Damaged naming the block, if the file is cut short or damaged there
   * @throws LogException.Schema if an event is of a type that this program does not know
   */
  public Event next() {
    try {
      if (leftInBlock == 0) {
        if (!file.hasNext()) {
          return null;
        }
        block++;
        leftInBlock = file.getBlockCount();
      }
      var event = file.next();
      leftInBlock--;
      events++;
      return event;
    } catch (AvroTypeException e) {
      throw new LogException.Schema(
          place()
              + ": an event of schema "
              + EventCodec.hex(EventCodec.fingerprint(file.getSchema()))
              + " is not known to this version: "
              + EventCodec.reason(e)
              + "; read it with the version that wrote it, or a newer one",
          e);
    } catch (AvroRuntimeException
        | NoSuchElementException
        | IndexOutOfBoundsException
        | NegativeArraySizeException e) {
      throw new LogException.Damaged(
          name,
          -1,
          0,
          "block "
              + Math.max(1, leftInBlock == 0 ? block + 1 : block)
              + ", after "
              + events
              + " events: "
              + cause(e)
              + "; the events before it are good, restore the file from a copy",
          e);
    }
  }

  private String place() {
    return name + ", block " + block + ", event " + (events + 1);
  }

  private static String cause(Throwable e) {
    var root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }

  /** How many events were read. */
  public long events() {
    return events;
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      // It was only read.
    }
  }
}

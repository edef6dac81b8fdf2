package io.kledger.log.codec;

import io.kledger.event.avro.Event;
import org.apache.avro.Schema;

/**
 * Events of a batch, with the members that grow from event to event (realtime, monotonic, line)
 * written as the difference to the event before, and the position, which follows from the batch, as
 * 0. Still Avro, and a third smaller when compressed. A batch begins with differences to 0.
 */
public final class Deltas {

  private static final int POSITION = field("position", 0);
  private static final int REALTIME = field("realtime", 1);
  private static final int MONOTONIC = field("monotonic", 2);
  private static final int TID = field("tid", 3);
  private static final int SOURCE = field("source", 4);
  private static final int LINE = field("line", 5);
  private static final int REST = 6;

  private Deltas() {}

  /** The first members are read by hand; they must stay where they are. */
  private static int field(String name, int position) {
    if (EventCodec.SCHEMA.getField(name).pos() != position) {
      throw new IllegalStateException("Event." + name + " must stay member " + position);
    }
    return position;
  }

  /** Writes the events of one batch after another. */
  public static final class Encoder {
    private long realtime;
    private long monotonic;
    private long line;

    /** A creator of batches, at the beginning of the first. */
    public Encoder() {}

    /** Begins a batch. */
    public void begin() {
      realtime = 0;
      monotonic = 0;
      line = 0;
    }

    /**
     * Appends an event's bytes.
     *
     * @throws WireException if it lacks a value that the schema demands, or takes more than {@code
     *     limit} bytes; nothing is written then
     */
    public void encode(Event event, WireOut out, int limit) {
      int mark = out.size();
      try {
        out.writeLong(0);
        out.writeLong(event.getRealtime() - realtime);
        out.writeLong(event.getMonotonic() - monotonic);
        out.writeLong(event.getTid());
        out.writeLong(event.getSource());
        out.writeLong(event.getLine() - line);
        EventCodec.PLAN.write(event, REST, out);
        if (out.size() - mark > limit) {
          throw new WireException(
              "event of " + (out.size() - mark) + " bytes; the largest is " + limit);
        }
      } catch (RuntimeException e) {
        out.truncate(mark);
        throw e;
      }
      realtime = event.getRealtime();
      monotonic = event.getMonotonic();
      line = event.getLine();
    }
  }

  /** Reads the events of one batch after another, all of one schema. */
  public static final class Decoder {
    private final EventCodec.Decoder other;
    private final WireIn in = new WireIn();
    private long realtime;
    private long monotonic;
    private long line;

    /**
     * A reader of batches.
     *
     * @param writer the schema that they are written with
     */
    public Decoder(Schema writer) {
      other = EventCodec.current(writer) ? null : EventCodec.decoder(writer);
    }

    /** Begins a batch. */
    public void begin() {
      realtime = 0;
      monotonic = 0;
      line = 0;
    }

    /** Decodes the next event of the batch; see {@link EventCodec.Decoder#decode}. */
    public Event next(byte[] bytes, int offset, int length, long position) {
      if (other != null) {
        return resolved(other.decode(bytes, offset, length), position);
      }
      in.reset(bytes, offset, length);
      in.readLong();
      var event = new Event();
      event.put(POSITION, position);
      event.put(REALTIME, realtime += in.readLong());
      event.put(MONOTONIC, monotonic += in.readLong());
      event.put(TID, in.readInt());
      event.put(SOURCE, in.readInt());
      event.put(LINE, line += in.readLong());
      EventCodec.PLAN.read(event, REST, in);
      if (in.remaining() != 0) {
        throw new WireException(in.remaining() + " bytes left over after the event");
      }
      return event;
    }

    private Event resolved(Event event, long position) {
      event.put(POSITION, position);
      event.put(REALTIME, realtime += event.getRealtime());
      event.put(MONOTONIC, monotonic += event.getMonotonic());
      event.put(LINE, line += event.getLine());
      return event;
    }

    /** Goes over the next event of the batch. */
    public void skip(byte[] bytes, int offset, int length) {
      if (other != null) {
        resolved(other.decode(bytes, offset, length), 0);
        return;
      }
      in.reset(bytes, offset, length);
      in.readLong();
      realtime += in.readLong();
      monotonic += in.readLong();
      in.readLong();
      in.readLong();
      line += in.readLong();
    }
  }
}

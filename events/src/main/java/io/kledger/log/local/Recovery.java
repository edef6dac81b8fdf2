package io.kledger.log.local;

import io.kledger.log.LogException;
import io.kledger.log.SourceProgress;
import io.kledger.log.codec.ProgressCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Brings a log into a state that can be continued. What a crash left behind the last whole batch is
 * cut off and kept beside it; anything else that is not as written is refused.
 */
final class Recovery {

  /**
   * Where to go on.
   *
   * @param next position of the next event
   * @param segment base of the segment to append to, 0 if there is none
   * @param offset byte in it
   * @param sources what was imported, by number
   */
  record Tail(long next, long segment, long offset, TreeMap<Integer, SourceProgress> sources) {}

  private final MachineFiles files;
  private final EndFile.End end;
  private final Consumer<String> notices;

  private Recovery(MachineFiles files, EndFile.End end, Consumer<String> notices) {
    this.files = files;
    this.end = end;
    this.notices = notices;
  }

  /** Recovers; the caller has the writer's lock. */
  static Tail recover(MachineFiles files, Consumer<String> notices) throws IOException {
    return new Recovery(files, EndFile.read(files.end()), notices).run();
  }

  private Tail run() throws IOException {
    var segments = files.segments();
    if (segments.length > 0 && headerIsTorn(segments[segments.length - 1])) {
      setAsideUnfinished(segments[segments.length - 1]);
      segments = files.segments();
    }
    if (segments.length == 0) {
      if (end != null && end.position() > 0) {
        throw new LogException.Damaged(
            files.directory().toString(),
            0,
            1,
            "events 1 to "
                + end.position()
                + " were acknowledged, but there is no segment; restore *.log from a"
                + " copy");
      }
      return new Tail(1, 0, 0, new TreeMap<>());
    }
    checkChain(segments);
    try (var last = Segment.open(files, segments[segments.length - 1])) {
      return recoverLast(last);
    }
  }

  /** Every segment must begin where the one before it ends. */
  private void checkChain(long[] segments) throws IOException {
    long expected = 1;
    for (int i = 0; i < segments.length; i++) {
      if (segments[i] != expected) {
        throw new LogException.Damaged(
            files.segment(segments[i]).toString(),
            0,
            expected,
            segments[i] > expected
                ? "gap: events "
                    + expected
                    + " to "
                    + (segments[i] - 1)
                    + " are missing; restore"
                    + " their segment from a copy"
                : "overlap: the segment begins at "
                    + segments[i]
                    + ", but the one before it ends at "
                    + (expected - 1)
                    + "; remove the one that does not belong here");
      }
      if (i < segments.length - 1) {
        expected = endOfSealed(segments[i]);
      }
    }
  }

  private long endOfSealed(long base) throws IOException {
    try (var segment = Segment.open(files, base)) {
      if (!Files.exists(files.index(base))) {
        rebuildIndex(segment);
      }
      long offset = OffsetIndex.seek(files.index(base), segment, Long.MAX_VALUE);
      var first = segment.batchAt(offset);
      var stop =
          first == null
              ? new SegmentWalk.Stop(offset, base, segment.size())
              : SegmentWalk.headers(segment, offset, first.base());
      if (!stop.clean()) {
        throw damaged(segment, stop);
      }
      return stop.next();
    }
  }

  private void rebuildIndex(Segment segment) throws IOException {
    var entries = new OffsetIndex.Entries();
    var stop =
        SegmentWalk.verified(
            segment,
            segment.dataOffset(),
            segment.header().base(),
            (batch, offset, body) -> entries.add(batch.base(), offset));
    if (!stop.clean()) {
      throw damaged(segment, stop);
    }
    OffsetIndex.rebuild(files.index(segment.header().base()), entries);
  }

  private Tail recoverLast(Segment last) throws IOException {
    long base = last.header().base();
    var sources = new TreeMap<Integer, SourceProgress>();
    last.header().sources().forEach(source -> sources.put(source.number(), source));
    var entries = new OffsetIndex.Entries();
    var stop =
        SegmentWalk.verified(
            last,
            last.dataOffset(),
            base,
            (batch, offset, body) -> {
              entries.add(batch.base(), offset);
              ProgressCodec.decode(body.slice(0, batch.progressLength()))
                  .forEach(source -> sources.put(source.number(), source));
            });
    if (!stop.clean()) {
      if (SegmentWalk.findSound(last, stop.offset() + 1) >= 0 || wasAcknowledged(base, stop)) {
        throw damaged(last, stop);
      }
      cut(last, stop);
    }
    reportLost(stop.next());
    OffsetIndex.rebuild(files.index(base), entries);
    return new Tail(stop.next(), base, stop.offset(), sources);
  }

  /**
   * Whether what follows the last sound batch is all there, and had been acknowledged: not torn.
   */
  private boolean wasAcknowledged(long base, SegmentWalk.Stop stop) {
    return end != null
        && end.segment() == base
        && end.offset() > stop.offset()
        && end.offset() <= stop.size();
  }

  private void cut(Segment last, SegmentWalk.Stop stop) throws IOException {
    long base = last.header().base();
    var torn = files.torn(base, stop.offset());
    long bytes = stop.size() - stop.offset();
    try (var from =
            FileChannel.open(last.path(), StandardOpenOption.READ, StandardOpenOption.WRITE);
        var to = FileChannel.open(torn, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long done = 0; done < bytes; ) {
        done += from.transferTo(stop.offset() + done, bytes - done, to);
      }
      to.force(true);
      Disk.syncDirectory(files.directory());
      from.truncate(stop.offset());
      from.force(true);
    }
    notices.accept(
        "machine "
            + files.machine()
            + ": cut "
            + bytes
            + " bytes of an unfinished batch"
            + " at byte "
            + stop.offset()
            + " of "
            + last.path()
            + ", after position "
            + (stop.next() - 1)
            + "; kept in "
            + torn);
  }

  private void reportLost(long next) {
    if (end != null && end.position() >= next) {
      notices.accept(
          "machine "
              + files.machine()
              + ": events "
              + next
              + " to "
              + end.position()
              + " had been acknowledged and are lost: the end of the log was cut off by something other"
              + " than kledger; import the source again");
    }
  }

  /** A crash while a segment was being created leaves a file without a whole header. */
  private boolean headerIsTorn(long base) throws IOException {
    if (end != null && end.segment() == base && end.offset() > 0) {
      return false;
    }
    var path = files.segment(base);
    try {
      Segment.open(files, base).close();
      return false;
    } catch (LogException.Damaged e) {
      try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
        var prefix = ByteBuffer.allocate(SegmentHeader.PREFIX);
        boolean whole =
            Disk.readFully(channel, prefix, 0) == SegmentHeader.PREFIX
                && SegmentHeader.length(prefix) > 0;
        return !whole || channel.size() <= SegmentHeader.length(prefix);
      }
    }
  }

  private void setAsideUnfinished(long base) throws IOException {
    var torn = files.torn(base, 0);
    Files.move(files.segment(base), torn, StandardCopyOption.ATOMIC_MOVE);
    Disk.syncDirectory(files.directory());
    notices.accept(
        "machine "
            + files.machine()
            + ": segment "
            + base
            + " was not finished when it was"
            + " created; kept in "
            + torn);
  }

  static LogException.Damaged damaged(Segment segment, SegmentWalk.Stop stop) throws IOException {
    long sound = SegmentWalk.findSound(segment, stop.offset() + 1);
    var batch = sound < 0 ? null : segment.batchAt(sound);
    return new LogException.Damaged(
        segment.path().toString(),
        stop.offset(),
        stop.next(),
        "the batch here is damaged (wrong checksum, length or position)"
            + (batch == null
                ? ""
                : "; the next sound one is at byte " + sound + ", position " + batch.base())
            + "; restore the segment from a copy"
            + (batch == null ? "" : ", or read on from position " + batch.base()));
  }
}

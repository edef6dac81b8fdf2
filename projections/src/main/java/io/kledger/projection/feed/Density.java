package io.kledger.projection.feed;

import io.kledger.event.avro.Gap;
import io.kledger.event.avro.Marker;
import io.kledger.filter.EventFields;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much happened when, in memory that does not grow with the log: so many cells of equal width,
 * which doubles when they are full. Beside it the places that matter, as many as can be shown.
 */
public final class Density {
  static final int CELLS = 1 << 13;
  private static final int MOST_MARKS = 20_000;
  private static final int MOST_NAMES = 1_000;
  private static final int FORMAT = 1;
  private static final String OTHERS = "others";

  private final int families = Families.NAMES.size();
  private final int[] counts = new int[CELLS * families];
  private final long[] times = new long[CELLS];
  private final List<Timeline.Mark> marks = new ArrayList<>();
  private final Map<String, Long> divergences = new TreeMap<>();
  private final Map<String, Long> gaps = new TreeMap<>();
  private long width = 1;
  private long events;

  synchronized void add(Happening happening) {
    if (events == width * CELLS) {
      halve();
    }
    int cell = (int) (events / width);
    if (times[cell] == 0) {
      times[cell] = happening.event().getRealtime();
    }
    int mask = Families.mask(happening.notes());
    for (int i = 0; i < families; i++) {
      counts[cell * families + i] += mask >> i & 1;
    }
    events++;
    marks(happening);
  }

  private void halve() {
    width *= 2;
    for (int i = 0; i < CELLS; i++) {
      boolean first = i < CELLS / 2;
      times[i] = first ? times[2 * i] : 0;
      for (int f = 0; f < families; f++) {
        counts[i * families + f] =
            first ? counts[2 * i * families + f] + counts[(2 * i + 1) * families + f] : 0;
      }
    }
  }

  private void marks(Happening happening) {
    long position = happening.position();
    switch (happening.event().getBody()) {
      case Gap gap -> {
        count(gaps, Integer.toString(happening.event().getSource()));
        mark("gap", position, String.valueOf(gap.getReason()));
      }
      case Marker marker -> mark("marker", position, marker.getName());
      default -> {}
    }
    if (happening.defect() != null) {
      mark("defect", position, happening.defect());
    }
    var divergence = happening.divergence();
    if (divergence != null) {
      count(divergences, divergence.call());
      mark(
          "divergence",
          position,
          "%s: predicted %s, observed %s"
              .formatted(divergence.call(), divergence.predicted(), divergence.observed()));
    }
  }

  private static void count(Map<String, Long> counts, String name) {
    counts.merge(
        counts.size() < MOST_NAMES || counts.containsKey(name) ? name : OTHERS, 1L, Long::sum);
  }

  private void mark(String kind, long position, String text) {
    if (marks.size() < MOST_MARKS) {
      marks.add(
          new Timeline.Mark(kind, position, text.length() > 300 ? text.substring(0, 300) : text));
    }
  }

  /** Events counted: those up to this position. */
  public synchronized long events() {
    return events;
  }

  /** Differences between prediction and observation, by call. */
  public synchronized Map<String, Long> divergences() {
    return new TreeMap<>(divergences);
  }

  /** Places where events are missing, by source. */
  public synchronized Map<String, Long> gaps() {
    return new TreeMap<>(gaps);
  }

  /** The events after {@code from} up to {@code to} in so many buckets at most. */
  public synchronized Timeline timeline(long from, long to, int buckets, int mostMarks) {
    long last = Math.min(to, events);
    // Buckets are whole cells, but for the first and the last: a cell cannot be parted.
    long size = Math.max(1, (to - from + buckets - 1) / buckets);
    size = (size + width - 1) / width * width;
    List<Timeline.Bucket> result = new ArrayList<>();
    for (long start = from; start < last; ) {
      long end = Math.min(last, start / width * width + size);
      result.add(bucket(start, end));
      start = end;
    }
    List<Timeline.Mark> shown =
        marks.stream().filter(mark -> mark.position() > from && mark.position() <= to).toList();
    long step = Math.max(1, (shown.size() + mostMarks - 1) / mostMarks);
    List<Timeline.Mark> some = new ArrayList<>();
    for (int i = 0; i < shown.size(); i += (int) step) {
      some.add(shown.get(i));
    }
    return new Timeline(from, to, events, Families.NAMES, result, shown.size(), some);
  }

  private Timeline.Bucket bucket(long start, long end) {
    int[] sums = new int[families];
    int first = (int) (start / width);
    int cells = (int) ((end - 1) / width);
    for (int cell = first; cell <= cells; cell++) {
      for (int f = 0; f < families; f++) {
        sums[f] += counts[cell * families + f];
      }
    }
    long time = times[first];
    return new Timeline.Bucket(start + 1, end, time == 0 ? null : EventFields.time(time), sums);
  }

  /** Writes what was counted; {@code of} says of what. */
  synchronized void write(DataOutputStream out, String of) throws IOException {
    out.writeInt(FORMAT);
    out.writeUTF(of);
    out.writeLong(events);
    out.writeLong(width);
    int used = (int) ((events + width - 1) / width);
    for (int i = 0; i < used; i++) {
      out.writeLong(times[i]);
      for (int f = 0; f < families; f++) {
        out.writeInt(counts[i * families + f]);
      }
    }
    out.writeInt(marks.size());
    for (Timeline.Mark mark : marks) {
      out.writeUTF(mark.kind());
      out.writeLong(mark.position());
      out.writeUTF(mark.text());
    }
    write(out, divergences);
    write(out, gaps);
  }

  private static void write(DataOutputStream out, Map<String, Long> counts) throws IOException {
    out.writeInt(counts.size());
    for (Map.Entry<String, Long> entry : counts.entrySet()) {
      out.writeUTF(entry.getKey());
      out.writeLong(entry.getValue());
    }
  }

  /**
   * Reads what was counted.
   *
   * @return null if it is of something else
   */
  static Density read(DataInputStream in, String of) throws IOException {
    if (in.readInt() != FORMAT || !in.readUTF().equals(of)) {
      return null;
    }
    Density density = new Density();
    density.events = in.readLong();
    density.width = in.readLong();
    if (density.events < 0 || density.width < 1 || density.events > density.width * CELLS) {
      throw new IOException("no such density");
    }
    int used = (int) ((density.events + density.width - 1) / density.width);
    for (int i = 0; i < used; i++) {
      density.times[i] = in.readLong();
      for (int f = 0; f < density.families; f++) {
        density.counts[i * density.families + f] = in.readInt();
      }
    }
    int marks = Math.min(MOST_MARKS, in.readInt());
    for (int i = 0; i < marks; i++) {
      density.marks.add(new Timeline.Mark(in.readUTF(), in.readLong(), in.readUTF()));
    }
    read(in, density.divergences);
    read(in, density.gaps);
    return density;
  }

  private static void read(DataInputStream in, Map<String, Long> counts) throws IOException {
    int size = Math.min(MOST_NAMES + 1, in.readInt());
    for (int i = 0; i < size; i++) {
      counts.put(in.readUTF(), in.readLong());
    }
  }
}

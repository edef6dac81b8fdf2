package io.kledger.ingest.proc;

import io.kledger.event.EventClasses;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.KernelProfile;
import io.kledger.event.avro.LocksObserved;
import io.kledger.event.avro.MountsObserved;
import io.kledger.event.avro.SnapshotEnd;
import io.kledger.event.avro.TaskObserved;
import io.kledger.event.avro.UnixSocketsObserved;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.SnapshotFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A snapshot of a recording as observation events, in an order in which each refers only to what
 * came before: kernel, mounts, tasks, locks, sockets, end. The events have no position yet; their
 * line is that of the snapshot.
 */
public final class SnapshotReader {
  static {
    EventClasses.trust();
  }

  private final RecordingArchive.Recorder recorder;
  private final SnapshotFiles snapshot;
  private final List<TaskStanza> stanzas;
  private final int source;

  private SnapshotReader(RecordingArchive.Recorder recorder, SnapshotFiles snapshot, int source)
      throws IOException {
    this.recorder = recorder;
    this.snapshot = snapshot;
    this.source = source;
    this.stanzas = stanzas(snapshot);
  }

  /**
   * The events of a snapshot.
   *
   * @param source number of the source that the recording's trace is read as
   */
  public static List<Event> events(
      RecordingArchive.Recorder recorder, SnapshotFiles snapshot, int source) throws IOException {
    return new SnapshotReader(recorder, snapshot, source).read();
  }

  /** The tasks of a snapshot, in the order of the file. */
  public static List<TaskObserved> tasks(SnapshotFiles snapshot) throws IOException {
    return stanzas(snapshot).stream().map(TaskStanza::toEvent).toList();
  }

  private List<Event> read() throws IOException {
    List<Event> events = new ArrayList<>();
    add(
        events,
        KernelProfile.newBuilder()
            .setName(recorder.release())
            .setArchitecture(recorder.machine())
            .build());
    mounts(events);
    for (TaskStanza stanza : stanzas) {
      add(events, stanza.toEvent());
    }
    locks(events);
    byte[] unix = snapshot.files().get("unix");
    if (unix != null) {
      add(
          events,
          new UnixSocketsObserved(
              stanzas.isEmpty() ? 1 : stanzas.getFirst().tid(), ProcText.lines(unix)));
    }
    add(events, new SnapshotEnd(snapshot.position().getOrDefault("label", "")));
    return events;
  }

  private void mounts(List<Event> events) {
    for (Map.Entry<String, byte[]> file : snapshot.files().entrySet()) {
      String name = file.getKey();
      if (!name.equals("mountinfo") && !name.startsWith("mountinfo.")) {
        continue;
      }
      TaskStanza viewer = null;
      for (TaskStanza stanza : stanzas) {
        if (name.equals(stanza.mountinfo())) {
          viewer = stanza;
          break;
        }
      }
      add(
          events,
          new MountsObserved(
              viewer == null ? 0 : viewer.namespace("mnt"),
              viewer == null ? 1 : viewer.tid(),
              ProcText.lines(file.getValue())));
    }
  }

  private void locks(List<Event> events) {
    byte[] locks = snapshot.files().get("locks");
    byte[] inodes = snapshot.files().get("inodes");
    if (locks != null) {
      add(
          events,
          new LocksObserved(
              ProcText.lines(locks), inodes == null ? List.of() : ProcText.lines(inodes)));
    }
  }

  private void add(List<Event> events, Object body) {
    events.add(Event.newBuilder().setSource(source).setLine(snapshot.line()).setBody(body).build());
  }

  private static List<TaskStanza> stanzas(SnapshotFiles snapshot) throws IOException {
    List<TaskStanza> stanzas = new ArrayList<>();
    byte[] file = snapshot.files().get("tasks");
    TaskStanza current = null;
    int number = 0;
    for (String line : ProcText.latin1(file == null ? new byte[0] : file).split("\n")) {
      number++;
      if (line.isEmpty()) {
        continue;
      }
      try {
        if (line.startsWith("task ")) {
          current = new TaskStanza(Integer.parseInt(line.substring(5).strip()));
          stanzas.add(current);
        } else {
          add(current, line);
        }
      } catch (IllegalArgumentException e) {
        throw new IOException(
            "snapshot " + snapshot.number() + ", tasks, line " + number + ": " + e.getMessage(), e);
      }
    }
    return stanzas;
  }

  /** A line without TAB has its value after the first blank ({@code cgroup 0::/a}). */
  private static void add(TaskStanza stanza, String line) {
    int tab = line.indexOf('\t');
    int end = tab >= 0 ? tab : line.indexOf(' ');
    if (stanza == null || end < 0) {
      throw new IllegalArgumentException("expected 'task TID' or 'key TAB value': " + line);
    }
    String name = line.substring(0, end);
    int blank = name.indexOf(' ');
    stanza.add(
        blank < 0 ? name : name.substring(0, blank),
        blank < 0 ? "" : name.substring(blank + 1),
        ProcText.unescapeOctal(line.substring(end + 1)));
  }
}

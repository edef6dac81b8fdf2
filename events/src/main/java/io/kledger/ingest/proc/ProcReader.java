package io.kledger.ingest.proc;

import io.kledger.abi.DeviceNumber;
import io.kledger.event.EventClasses;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.KernelProfile;
import io.kledger.event.avro.LocksObserved;
import io.kledger.event.avro.MountsObserved;
import io.kledger.event.avro.SnapshotEnd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What /proc of the running kernel says of some tasks, as observation events in the order of {@link
 * SnapshotReader}. The tasks should be stopped: nothing else makes the files agree with each other.
 */
public final class ProcReader {
  private static final String[] NAMESPACES = {
    "cgroup",
    "ipc",
    "mnt",
    "net",
    "pid",
    "pid_for_children",
    "time",
    "time_for_children",
    "user",
    "uts"
  };

  static {
    EventClasses.trust();
  }

  private final Path proc;

  /** A reader of a mounted proc filesystem. */
  public ProcReader(Path proc) {
    this.proc = proc;
  }

  /** The events; they have no position and no source yet. */
  public List<Event> events(List<Integer> pids) throws IOException {
    List<Event> events = new ArrayList<>();
    add(events, kernel());
    List<TaskStanza> stanzas = new ArrayList<>();
    Map<Long, MountsObserved> views = new TreeMap<>();
    for (int pid : pids) {
      TaskStanza stanza = task(pid);
      stanzas.add(stanza);
      byte[] mounts = read(pid + "/mountinfo");
      if (mounts.length > 0) {
        views.putIfAbsent(
            stanza.namespace("mnt"),
            new MountsObserved(stanza.namespace("mnt"), pid, ProcText.lines(mounts)));
      }
    }
    views.values().forEach(view -> add(events, view));
    stanzas.forEach(stanza -> add(events, stanza.toEvent()));
    add(events, new LocksObserved(ProcText.lines(read("locks")), List.of()));
    add(events, new SnapshotEnd("proc"));
    return events;
  }

  /**
   * The processes that there are now, by number: those that one may look into. Tasks of the kernel
   * itself are left out.
   */
  public List<Integer> processes() throws IOException {
    List<Integer> pids = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path entry : entries) {
        int pid = Integer.parseInt(entry.getFileName().toString());
        if (readable(pid)) {
          pids.add(pid);
        }
      }
    }
    pids.sort(null);
    return pids;
  }

  /** Not a task of the kernel itself, and neither gone nor closed to us (ptrace_may_access()). */
  public boolean readable(int pid) throws IOException {
    try {
      return !link(pid + "/exe").isEmpty() && !link(pid + "/ns/mnt").isEmpty();
    } catch (AccessDeniedException e) {
      return false;
    }
  }

  private KernelProfile kernel() throws IOException {
    return KernelProfile.newBuilder()
        .setName(ProcText.latin1(read("sys/kernel/osrelease")).strip())
        .setArchitecture(System.getProperty("os.arch").replace("amd64", "x86_64"))
        .build();
  }

  private static void add(List<Event> events, Object body) {
    events.add(Event.newBuilder().setBody(body).build());
  }

  private TaskStanza task(int pid) throws IOException {
    TaskStanza stanza = new TaskStanza(pid);
    for (String line : ProcText.latin1(read(pid + "/status")).split("\n")) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        stanza.add("status", line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    for (String name : NAMESPACES) {
      stanza.add("ns", name, link(pid + "/ns/" + name));
    }
    for (String line : ProcText.latin1(read(pid + "/cgroup")).split("\n")) {
      stanza.add("cgroup", "", line);
    }
    for (String name : new String[] {"cwd", "root"}) {
      stanza.add(name, "", link(pid + "/" + name));
      stanza.add(name + "-id", "", identity(pid + "/" + name));
    }
    stanza.add("exe", "", link(pid + "/exe"));
    descriptors(pid, stanza);
    return stanza;
  }

  private void descriptors(int pid, TaskStanza stanza) throws IOException {
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(proc.resolve(pid + "/fd"))) {
      for (Path fd : fds) {
        String number = fd.getFileName().toString();
        stanza.add("fd", number, link(pid + "/fd/" + number));
        stanza.add("fd-id", number, identity(pid + "/fd/" + number));
        for (String line : ProcText.latin1(read(pid + "/fdinfo/" + number)).split("\n")) {
          stanza.add("fdinfo", number, line);
        }
      }
    }
  }

  /** Path names are bytes; Java decodes them as the platform does. */
  private String link(String file) throws IOException {
    try {
      byte[] bytes =
          Files.readSymbolicLink(proc.resolve(file)).toString().getBytes(StandardCharsets.UTF_8);
      return ProcText.latin1(bytes);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** {@code dev=254:0 ino=12 nlink=1 mode=100644} of what a link leads to. */
  private String identity(String file) {
    try {
      Map<String, Object> stat =
          Files.readAttributes(proc.resolve(file), "unix:dev,ino,nlink,mode", new LinkOption[0]);
      return "dev=%s ino=%s nlink=%s mode=%o"
          .formatted(
              DeviceNumber.text((Long) stat.get("dev")),
              stat.get("ino"),
              stat.get("nlink"),
              (Integer) stat.get("mode"));
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  private byte[] read(String file) throws IOException {
    try {
      return Files.readAllBytes(proc.resolve(file));
    } catch (NoSuchFileException e) {
      return new byte[0];
    }
  }
}

package io.kledger.ingest.proc;

import io.kledger.abi.DeviceNumber;
import io.kledger.event.avro.FdObserved;
import io.kledger.event.avro.NamespaceObserved;
import io.kledger.event.avro.PlaceObserved;
import io.kledger.event.avro.TaskObserved;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The lines about one task: {@code key[ subkey] TAB value}, gathered into a {@link TaskObserved}.
 * Both the reader of recordings and the reader of the live /proc fill one.
 */
final class TaskStanza {
  private static final Set<String> STATUS_MEMBERS =
      Set.of(
          "Name",
          "Umask",
          "State",
          "Tgid",
          "Pid",
          "PPid",
          "Uid",
          "Gid",
          "Groups",
          "NStgid",
          "NSpid",
          "NSpgid",
          "NSsid",
          "Threads",
          "CapInh",
          "CapPrm",
          "CapEff",
          "CapBnd",
          "CapAmb",
          "NoNewPrivs",
          "SigIgn",
          "SigCgt");

  private final int tid;
  private final Map<String, String> status = new HashMap<>();
  private final Map<String, String> single = new HashMap<>();
  private final List<NamespaceObserved> namespaces = new ArrayList<>();
  private final SortedMap<Integer, FdLines> fds = new TreeMap<>();
  private final List<ByteBuffer> rest = new ArrayList<>();
  private int exitSignal = 17;
  private String cgroup;

  /** What is known of one fd. */
  private static final class FdLines {
    private String target = "";
    private Map<String, String> id = Map.of();
    private final Map<String, String> info = new HashMap<>();
    private final List<ByteBuffer> locks = new ArrayList<>();
    private final List<ByteBuffer> others = new ArrayList<>();
  }

  TaskStanza(int tid) {
    this.tid = tid;
  }

  int tid() {
    return tid;
  }

  /** The file that holds its view of the mounts; null if the stanza names none. */
  String mountinfo() {
    return single.get("mountinfo");
  }

  /** Inode of its namespace of a kind, 0 if not known. */
  long namespace(String kind) {
    for (NamespaceObserved namespace : namespaces) {
      if (namespace.getKind().equals(kind)) {
        return namespace.getInode();
      }
    }
    return 0;
  }

  /** Takes one line; {@code value} has no escapes any more. */
  void add(String key, String subkey, String value) {
    switch (key) {
      case "status" -> status(subkey, value);
      case "stat" -> exitSignal = (int) signed(keys(value).get("exit_signal"), 17);
      case "ns" -> namespaces.add(new NamespaceObserved(subkey, inode(value)));
      case "cgroup" -> {
        if (value.startsWith("0::")) {
          cgroup = value.substring(3);
        }
      }
      case "fd" -> fd(subkey).target = value;
      case "fd-id" -> fd(subkey).id = keys(value);
      case "fdinfo" -> fdinfo(fd(subkey), value);
      default -> single.put(key, value);
    }
  }

  private void status(String name, String value) {
    status.put(name, value);
    if (!STATUS_MEMBERS.contains(name)) {
      rest.add(ProcText.bytes(name + "\t" + value));
    }
  }

  private FdLines fd(String number) {
    return fds.computeIfAbsent(Integer.parseInt(number), n -> new FdLines());
  }

  private static void fdinfo(FdLines fd, String line) {
    int colon = line.indexOf(':');
    String key = colon < 0 ? "" : line.substring(0, colon);
    switch (key) {
      case "pos", "flags", "mnt_id", "ino" -> fd.info.put(key, line.substring(colon + 1).strip());
      case "lock" -> fd.locks.add(ProcText.bytes(line.substring(colon + 1).strip()));
      default -> fd.others.add(ProcText.bytes(line));
    }
  }

  TaskObserved toEvent() {
    return TaskObserved.newBuilder()
        .setTid(tid)
        .setTgid((int) decimal("Tgid", tid))
        .setPpid((int) decimal("PPid", 0))
        .setComm(ProcText.bytes(ProcText.unescapeComm(status.getOrDefault("Name", ""))))
        .setZombie(status.getOrDefault("State", "").startsWith("Z"))
        .setThreads((int) decimal("Threads", 1))
        .setUids(list("Uid"))
        .setGids(list("Gid"))
        .setGroups(list("Groups"))
        .setNspid(list("NSpid"))
        .setNstgid(list("NStgid"))
        .setNspgid(list("NSpgid"))
        .setNssid(list("NSsid"))
        .setUmask(ProcText.number(status.getOrDefault("Umask", ""), 8, 18))
        .setCapInheritable(hex("CapInh", -1))
        .setCapPermitted(hex("CapPrm", -1))
        .setCapEffective(hex("CapEff", -1))
        .setCapBounding(hex("CapBnd", -1))
        .setCapAmbient(hex("CapAmb", -1))
        .setNoNewPrivs("1".equals(status.get("NoNewPrivs")))
        .setSigIgnored(hex("SigIgn", 0))
        .setSigCaught(hex("SigCgt", 0))
        .setExitSignal(exitSignal)
        .setCwd(place("cwd"))
        .setRoot(place("root"))
        .setExe(single.containsKey("exe") ? ProcText.bytes(single.get("exe")) : null)
        .setNamespaces(namespaces)
        .setCgroup(cgroup == null ? null : ProcText.bytes(cgroup))
        .setFds(fdEvents())
        .setRest(rest)
        .build();
  }

  private List<FdObserved> fdEvents() {
    List<FdObserved> events = new ArrayList<>();
    fds.forEach(
        (number, fd) ->
            events.add(
                FdObserved.newBuilder()
                    .setFd(number)
                    .setTarget(ProcText.bytes(fd.target))
                    .setFlags(ProcText.number(fd.info.getOrDefault("flags", ""), 8, -1))
                    .setPosition(ProcText.number(fd.info.getOrDefault("pos", ""), 10, 0))
                    .setDev(device(fd.id.get("dev")))
                    .setIno(ProcText.number(fd.id.getOrDefault("ino", ""), 10, 0))
                    .setNlink(ProcText.number(fd.id.getOrDefault("nlink", ""), 10, 0))
                    .setMode(ProcText.number(fd.id.getOrDefault("mode", ""), 8, 0))
                    .setMount(ProcText.number(fd.info.getOrDefault("mnt_id", ""), 10, 0))
                    .setLocks(fd.locks)
                    .setInfo(fd.others)
                    .build()));
    return events;
  }

  private PlaceObserved place(String name) {
    String path = single.get(name);
    if (path == null) {
      return null;
    }
    Map<String, String> id = keys(single.getOrDefault(name + "-id", ""));
    return PlaceObserved.newBuilder()
        .setPath(ProcText.bytes(path))
        .setDev(device(id.get("dev")))
        .setIno(ProcText.number(id.getOrDefault("ino", ""), 10, 0))
        .setMount(ProcText.number(id.getOrDefault("mnt", ""), 10, 0))
        .build();
  }

  private List<Long> list(String name) {
    return ProcText.numbers(status.getOrDefault(name, ""));
  }

  private long decimal(String name, long otherwise) {
    return ProcText.number(status.getOrDefault(name, ""), 10, otherwise);
  }

  private long hex(String name, long otherwise) {
    return ProcText.number(status.getOrDefault(name, ""), 16, otherwise);
  }

  private static long signed(String text, long otherwise) {
    return text == null ? otherwise : Long.parseLong(text);
  }

  /** {@code a=1 b=2} */
  private static Map<String, String> keys(String text) {
    Map<String, String> keys = new HashMap<>();
    for (String word : text.split(" ")) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        keys.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    return keys;
  }

  /** {@code 254:0} */
  private static long device(String text) {
    int colon = text == null ? -1 : text.indexOf(':');
    return colon < 0
        ? 0
        : DeviceNumber.of(
            Long.parseLong(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
  }

  /** {@code mnt:[4026532177]} */
  private static long inode(String link) {
    int open = link.indexOf('[');
    int close = link.indexOf(']', open);
    return open < 0 || close < 0 ? 0 : ProcText.number(link.substring(open + 1, close), 10, 0);
  }
}

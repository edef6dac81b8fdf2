package io.kledger.ingest.audit;

import io.kledger.abi.SyscallNumbers;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.Outcome;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import io.kledger.ingest.strace.CallShape;
import io.kledger.ingest.strace.StraceLine;
import io.kledger.ingest.strace.StraceLineParser;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceSyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * SYSCALL records as typed calls. A record has the first four argument words; strings and
 * structures come from the records beside it where there are such, and stay addresses where not.
 * What was concluded and not recorded is named in the event's {@code prefix}.
 */
final class AuditCalls {
  private static final Set<String> X86_64 = Set.of("c000003e", "x86_64");

  /** Architectures whose calls have the arguments of x86-64 in the same order. */
  private static final Set<String> ALIKE = Set.of("c000003e", "x86_64", "c00000b7", "aarch64");

  private static final Set<String> FORKS = Set.of("fork", "vfork", "clone", "clone3");

  /** What pthread_create(3) asks for, as far as it matters to what threads share. */
  private static final String THREAD =
      "CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM";

  /** An address of which nothing is known. */
  private static final String SOMEWHERE = "0xffffffffffffffff";

  private static final long MS_REMOUNT = 0x20;
  private static final long MS_WITH_SOURCE = 0x1000 | 0x2000;
  private static final long MS_PROPAGATION = 0x100000 | 0x80000 | 0x40000 | 0x20000;

  private final StraceLineParser parser = new StraceLineParser(StraceOptions.of("audit"));
  private final Map<String, List<CallShape.Argument>> shapes = new HashMap<>();

  /** The call's name; {@code syscall_N} where the architecture's numbers are not known. */
  static String name(AuditEvent event) {
    Map<String, String> fields = event.syscall();
    String named = AuditRecord.decode(fields.get("SYSCALL"));
    if (named != null) {
      return named;
    }
    String number = fields.getOrDefault("syscall", "?");
    if (X86_64.contains(fields.getOrDefault("arch", "c000003e"))) {
      String name = SyscallNumbers.name(AuditRecord.number(number, 10, -1));
      return name != null
          ? name
          : number.matches("[a-z_0-9]*[a-z_]") ? number : "syscall_" + number;
    }
    return "syscall_" + number;
  }

  static boolean forks(AuditEvent event) {
    return FORKS.contains(name(event));
  }

  /**
   * The call of an event with a SYSCALL record.
   *
   * @param argv the words that the caller's program was started with, null if not known
   */
  Syscall call(AuditEvent event, List<String> argv) {
    List<String> notes = new ArrayList<>();
    return whole(event, typed(event, name(event), argv, notes), notes);
  }

  /** A clone3(2) that made a thread: its flags are in a struct that is not recorded. */
  Syscall thread(AuditEvent event) {
    String size = event.syscall().getOrDefault("a1", "58");
    String text = "{flags=" + THREAD + ", exit_signal=0}, " + AuditRecord.number(size, 16, 88);
    Object call = parsed(event, "clone3", text);
    return whole(event, call, List.of("flags: a thread, from the records that follow"));
  }

  /** An exit(2) of a thread whose number the record does not have. */
  Syscall exit(AuditEvent event, String note) {
    long status = AuditRecord.number(event.syscall().get("a0"), 16, 0);
    return whole(event, parsed(event, "exit", Integer.toString((int) status)), List.of(note));
  }

  private static Syscall whole(AuditEvent event, Object call, List<String> notes) {
    return new Syscall(Phase.WHOLE, call, outcome(event), false, 0L, null, prefix(event, notes));
  }

  private static ByteBuffer prefix(AuditEvent event, List<String> notes) {
    StringBuilder text = new StringBuilder("[audit ").append(event.serial);
    String auid = event.syscall().get("auid");
    if (auid != null && !auid.equals("4294967295") && !auid.equals("unset")) {
      text.append(" auid=").append(auid);
    }
    String key = AuditRecord.decode(event.syscall().get("key"));
    if (key != null) {
      text.append(" key=").append(key.replaceAll("[\\x00-\\x1f\\]]", "_"));
    }
    notes.forEach(note -> text.append("; ").append(note));
    return bytes(text.append(']').toString());
  }

  private static Outcome outcome(AuditEvent event) {
    String exit = event.syscall().get("exit");
    long value = AuditRecord.number(exit, 10, Long.MIN_VALUE);
    if (value == Long.MIN_VALUE) {
      return new Outcome(0L, 0, true, null, null, null);
    }
    boolean error = event.failed() ? value < 0 : value < 0 && value >= -4095 && noSuccess(event);
    return error
        ? new Outcome(-1L, (int) Math.min(4095, -value), false, null, null, null)
        : new Outcome(value, 0, false, null, null, null);
  }

  private static boolean noSuccess(AuditEvent event) {
    return !"yes".equals(event.syscall().get("success"));
  }

  private Object typed(AuditEvent event, String name, List<String> argv, List<String> notes) {
    List<CallShape.Argument> shape =
        shapes.computeIfAbsent(
            name,
            n -> {
              List<CallShape.Argument> known = CallShape.of(n);
              return known == null ? List.of() : known;
            });
    boolean known = CallShape.of(name) != null && !name.startsWith("syscall_");
    if (!known) {
      return new OpaqueCall(name, bytes(words(event)), "");
    }
    if (!ALIKE.contains(event.syscall().getOrDefault("arch", "c000003e"))) {
      return new OpaqueCall(name, bytes(words(event)), "arguments of another architecture");
    }
    if (name.equals("exit")) {
      return new OpaqueCall(name, bytes(words(event)), "the record does not say which thread");
    }
    String text;
    try {
      text = arguments(event, name, shape, argv, notes);
    } catch (NotRecorded e) {
      return new OpaqueCall(name, bytes(words(event)), e.getMessage());
    }
    return parsed(event, name, text);
  }

  private Object parsed(AuditEvent event, String name, String text) {
    byte[] line =
        ("1 " + name + "(" + text + ") = " + (event.failed() ? "-1 EPERM (x)" : "0"))
            .getBytes(StandardCharsets.ISO_8859_1);
    try {
      StraceLine parsed = parser.parse(line, 0, line.length, event.line);
      if (parsed instanceof StraceLine.Call call) {
        return call.call();
      }
    } catch (StraceSyntaxException e) {
      return new OpaqueCall(name, bytes(words(event)), e.problem());
    }
    return new OpaqueCall(name, bytes(words(event)), "the arguments make no call");
  }

  private static String words(AuditEvent event) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String word = event.syscall().get("a" + i);
      if (word != null) {
        words.add("0x" + word);
      }
    }
    AuditRecord mmap = event.first("MMAP");
    return String.join(", ", words) + (mmap == null ? "" : " /* " + mmap.text() + " */");
  }

  /** An argument is not in the records and cannot be left open. */
  private static final class NotRecorded extends Exception {
    private static final long serialVersionUID = 1;

    NotRecorded(String argument) {
      super("argument " + argument + " is not in the record", null, false, false);
    }
  }

  private static String arguments(
      AuditEvent event,
      String name,
      List<CallShape.Argument> shape,
      List<String> argv,
      List<String> notes)
      throws NotRecorded {
    if (name.equals("clone")) {
      return "child_stack=0x"
          + event.syscall().getOrDefault("a1", "0")
          + ", flags=0x"
          + event.syscall().getOrDefault("a0", "0");
    }
    Map<Integer, String> given = AuditTexts.given(event, name, shape);
    if (name.equals("mount")) {
      mount(event, given, argv, notes);
    } else if (name.equals("fsconfig")) {
      fsconfig(event, given, notes);
    } else if (name.equals("move_mount")) {
      moveMount(event, given, notes);
    }
    List<String> out = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      CallShape.Argument argument = shape.get(i);
      String value = given.get(i);
      if (value == null) {
        String word = i < 4 ? event.syscall().get("a" + i) : null;
        if (word == null && argument.optional()) {
          break;
        }
        value = word == null ? open(argument) : word(argument, AuditRecord.number(word, 16, 0));
      }
      out.add(argument.label() == null ? value : argument.label() + "=" + value);
    }
    return String.join(", ", out);
  }

  private static String open(CallShape.Argument argument) throws NotRecorded {
    return switch (argument.kind()) {
      case TEXT, POINTER -> SOMEWHERE;
      case NUMBER, FD -> throw new NotRecorded(argument.name());
    };
  }

  private static String word(CallShape.Argument argument, long word) {
    return switch (argument.kind()) {
      case FD -> Integer.toString((int) word);
      case NUMBER -> {
        boolean negative = !argument.flags() && word >>> 31 == 1;
        yield negative ? Integer.toString((int) word) : plain(argument, word);
      }
      case TEXT, POINTER -> word == 0 ? "NULL" : "0x" + Long.toHexString(word);
    };
  }

  private static String plain(CallShape.Argument argument, long word) {
    return argument.flags() ? "0x" + Long.toHexString(word) : Long.toString(word);
  }

  /** path_mount() looks the target up first; the source only where it is a path. */
  private static void mount(
      AuditEvent event, Map<Integer, String> given, List<String> argv, List<String> notes) {
    given.clear();
    List<String> names = event.names();
    long flags = AuditRecord.number(event.syscall().get("a3"), 16, 0);
    if (!names.isEmpty()) {
      given.put(1, AuditTexts.quoted(names.get(0)));
    }
    if (names.size() > 1) {
      given.put(0, AuditTexts.quoted(names.get(1)));
    }
    boolean fresh = (flags & (MS_REMOUNT | MS_WITH_SOURCE | MS_PROPAGATION)) == 0;
    if (!fresh) {
      // The type is not read; options matter to a remount only, and are not recorded.
      return;
    }
    MountHint hint = names.isEmpty() ? null : MountHint.of(argv, names.getFirst());
    if (hint != null) {
      given.put(2, AuditTexts.quoted(hint.fstype()));
      given.putIfAbsent(0, AuditTexts.quoted(hint.source()));
      given.put(4, hint.data() == null ? "NULL" : AuditTexts.quoted(hint.data()));
      notes.add("source, type, data: from the command line");
    }
  }

  /** Commands that take no fifth argument succeed only if it is zero. */
  private static void fsconfig(AuditEvent event, Map<Integer, String> given, List<String> notes) {
    long command = AuditRecord.number(event.syscall().get("a1"), 16, -1);
    boolean none = command == 0 || command == 1 || command >= 6 && command <= 8;
    if (none && !event.failed()) {
      given.put(4, "0");
      notes.add("aux: from the command");
    }
  }

  /** A detached mount is moved by its descriptor: then only the other end has a name. */
  private static void moveMount(AuditEvent event, Map<Integer, String> given, List<String> notes) {
    given.clear();
    List<String> names = event.names().stream().filter(n -> !n.isEmpty()).toList();
    if (names.size() == 1 && !event.failed()) {
      given.put(1, "\"\"");
      given.put(3, AuditTexts.quoted(names.getFirst()));
      given.put(4, "4");
      notes.add("from_path, flags: from the PATH records");
    }
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}

package io.kledger.ingest.live;

import io.kledger.abi.SyscallNumbers;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.ingest.strace.CallShape;
import io.kledger.ingest.strace.StraceLine;
import io.kledger.ingest.strace.StraceLineParser;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceSyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The calls that are watched, and typed calls from argument words and strings. */
final class LiveCalls {
  /** Longest string that bpftrace reads; one that is as long may have been cut. */
  static final int STRING_LIMIT = 199;

  private static final int WORDS = 5;

  /** Watched calls, and which of their arguments are strings, a bit each. */
  static final Map<String, Integer> WATCHED = watched();

  /** Calls that change the mounts or namespaces of tasks: a scan of /proc must not overlap them. */
  private static final List<String> SENSITIVE =
      List.of(
          "mount",
          "umount2",
          "pivot_root",
          "move_mount",
          "open_tree",
          "fsmount",
          "unshare",
          "setns");

  private final StraceLineParser parser = new StraceLineParser(StraceOptions.of("bpftrace"));
  private final Map<String, List<CallShape.Argument>> shapes = new HashMap<>();

  private static Map<String, Integer> watched() {
    Map<String, Integer> calls = new LinkedHashMap<>();
    for (String call : List.of("mount:0,1,2,4", "umount2:0", "pivot_root:0,1", "move_mount:1,3")) {
      add(calls, call);
    }
    for (String call : List.of("open_tree:1", "fsopen:0", "fsmount:", "fspick:1", "fsconfig:2")) {
      add(calls, call);
    }
    for (String call : List.of("unshare:", "setns:", "clone:", "clone3:", "fork:", "vfork:")) {
      add(calls, call);
    }
    for (String call : List.of("execve:0", "execveat:1", "chdir:0", "fchdir:", "chroot:0")) {
      add(calls, call);
    }
    for (String call : List.of("open:0", "openat:1", "creat:0", "close:", "dup:", "dup2:")) {
      add(calls, call);
    }
    for (String call : List.of("dup3:", "flock:", "mkdir:0", "mkdirat:1", "rmdir:0", "unlink:0")) {
      add(calls, call);
    }
    for (String call : List.of("unlinkat:1", "rename:0,1", "renameat:1,3", "renameat2:1,3")) {
      add(calls, call);
    }
    return calls;
  }

  private static void add(Map<String, Integer> calls, String call) {
    int colon = call.indexOf(':');
    int strings = 0;
    for (char c : call.substring(colon).toCharArray()) {
      strings |= c >= '0' && c <= '9' ? 1 << (c - '0') : 0;
    }
    calls.put(call.substring(0, colon), strings);
  }

  /** The name of a watched call; null for another number. */
  static String name(long number) {
    String name = SyscallNumbers.name(number);
    return name != null && WATCHED.containsKey(name) ? name : null;
  }

  static boolean sensitive(String name) {
    return SENSITIVE.contains(name);
  }

  static boolean forks(String name) {
    return name.equals("clone")
        || name.equals("clone3")
        || name.equals("fork")
        || name.equals("vfork");
  }

  /**
   * The call as a record.
   *
   * @param words the first five argument words
   * @param strings those of them that point to strings, by index; what is not there stays an
   *     address
   * @param flags of clone3(2), read from its struct
   */
  Object call(String name, long[] words, Map<Integer, String> strings, long flags) {
    String text = arguments(name, words, strings, flags);
    byte[] line = ("1 " + name + "(" + text + ") = 0").getBytes(StandardCharsets.ISO_8859_1);
    try {
      if (parser.parse(line, 0, line.length, 0) instanceof StraceLine.Call call) {
        return call.call();
      }
      return opaque(name, text, "the arguments make no call");
    } catch (StraceSyntaxException e) {
      return opaque(name, text, e.problem());
    }
  }

  private static OpaqueCall opaque(String name, String text, String why) {
    return new OpaqueCall(name, ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)), why);
  }

  private String arguments(String name, long[] words, Map<Integer, String> strings, long flags) {
    if (name.equals("clone")) {
      return "child_stack=0x%x, flags=0x%x".formatted(words[1], words[0] & 0xffffffffL);
    }
    if (name.equals("clone3")) {
      return "{flags=0x%x, exit_signal=SIGCHLD}, %d".formatted(flags, words[1]);
    }
    List<CallShape.Argument> shape =
        shapes.computeIfAbsent(
            name,
            n -> {
              List<CallShape.Argument> known = CallShape.of(n);
              return known == null ? List.of() : known;
            });
    List<String> out = new ArrayList<>();
    for (int i = 0; i < Math.min(WORDS, shape.size()); i++) {
      CallShape.Argument argument = shape.get(i);
      String value = strings.containsKey(i) ? quoted(strings.get(i)) : word(argument, words[i]);
      out.add(argument.label() == null ? value : argument.label() + "=" + value);
    }
    return String.join(", ", out);
  }

  private static String word(CallShape.Argument argument, long word) {
    return switch (argument.kind()) {
      case FD -> Integer.toString((int) word);
      case NUMBER ->
          argument.flags()
              ? "0x" + Long.toHexString(word & 0xffffffffL)
              : Integer.toString((int) word);
      case TEXT, POINTER -> word == 0 ? "NULL" : "0x" + Long.toHexString(word);
    };
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || c >= 0x7f) {
        out.append("\\x%02x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}

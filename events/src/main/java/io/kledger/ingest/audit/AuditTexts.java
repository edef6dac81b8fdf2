package io.kledger.ingest.audit;

import io.kledger.ingest.strace.CallShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Arguments that records beside the SYSCALL record show, in strace's words. */
final class AuditTexts {
  private static final Set<String> PATHS =
      Set.of("path", "oldpath", "newpath", "target", "newRoot", "putOld", "toPath", "fromPath");
  private static final int AF_UNIX = 1;

  private AuditTexts() {}

  /** By index of the argument. */
  static Map<Integer, String> given(AuditEvent event, String name, List<CallShape.Argument> shape) {
    Map<Integer, String> given = new HashMap<>();
    paths(event, name, shape, given);
    for (int i = 0; i < shape.size(); i++) {
      String field = shape.get(i).name();
      if (field.equals("argv")) {
        List<String> argv = event.argv();
        if (argv != null) {
          given.put(i, list(argv));
        }
      } else if (field.equals("address") && event.first("SOCKADDR") != null && sends(name)) {
        String address = address(event.first("SOCKADDR"));
        if (address != null) {
          given.put(i, address);
        }
      } else if (field.equals("fds") && event.first("FD_PAIR") != null) {
        Map<String, String> pair = event.first("FD_PAIR").fields();
        given.put(
            i,
            "["
                + AuditRecord.number(pair.get("fd0"), 10, -1)
                + ", "
                + AuditRecord.number(pair.get("fd1"), 10, -1)
                + "]");
      } else if (field.equals("how") && event.first("OPENAT2") != null) {
        Map<String, String> how = event.first("OPENAT2").fields();
        given.put(
            i,
            "{flags=0%s, mode=0%s, resolve=0x%s}"
                .formatted(
                    Long.toOctalString(AuditRecord.number(how.get("oflag"), 8, 0)),
                    Long.toOctalString(AuditRecord.number(how.get("mode"), 8, 0)),
                    Long.toHexString(AuditRecord.number(how.get("resolve"), 16, 0))));
      }
    }
    return given;
  }

  private static boolean sends(String name) {
    return name.equals("bind") || name.equals("connect") || name.equals("sendto");
  }

  /** Names in the order of look-up go to the path arguments in order, if there are as many. */
  private static void paths(
      AuditEvent event, String name, List<CallShape.Argument> shape, Map<Integer, String> given) {
    List<Integer> wanted = new ArrayList<>();
    for (int i = 0; i < shape.size() && i < 4; i++) {
      CallShape.Argument argument = shape.get(i);
      boolean present = AuditRecord.number(event.syscall().get("a" + i), 16, 0) != 0;
      if (argument.kind() == CallShape.Kind.TEXT && PATHS.contains(argument.name()) && present) {
        wanted.add(i);
      }
    }
    List<String> names = event.names();
    if (wanted.size() == 1 && !names.isEmpty() && !name.startsWith("symlink")) {
      given.put(wanted.getFirst(), quoted(names.getFirst()));
    } else if (wanted.size() == names.size()) {
      for (int i = 0; i < wanted.size(); i++) {
        given.put(wanted.get(i), quoted(names.get(i)));
      }
    }
  }

  private static String list(List<String> words) {
    return "[" + String.join(", ", words.stream().map(AuditTexts::quoted).toList()) + "]";
  }

  /** {@code saddr=}: struct sockaddr in hexadecimal, host byte order of a little-endian machine. */
  private static String address(AuditRecord record) {
    String bytes = AuditRecord.decode(record.fields().get("saddr"));
    if (bytes == null || bytes.length() < 2) {
      return null;
    }
    int family = bytes.charAt(0) | bytes.charAt(1) << 8;
    if (family != AF_UNIX) {
      StringBuilder hex = new StringBuilder();
      bytes.chars().skip(2).forEach(c -> hex.append("\\x%02x".formatted(c)));
      return "{sa_family=" + family + ", sa_data=\"" + hex + "\"}";
    }
    boolean named = bytes.length() > 2 && bytes.charAt(2) != 0;
    int end = named ? bytes.indexOf(0, 2) : bytes.length();
    String path = bytes.substring(2, end < 0 ? bytes.length() : end);
    if (path.isEmpty()) {
      return "{sa_family=1}";
    }
    return named
        ? "{sa_family=1, sun_path=" + quoted(path) + "}"
        : "{sa_family=1, sun_path=@" + quoted(path.substring(1).replaceAll("\0+$", "")) + "}";
  }

  /** A string literal; every byte that is not plain as two hexadecimal digits. */
  static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') {
        out.append("\\x%02x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}

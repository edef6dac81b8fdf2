package io.kledger.engine.syscall;

import io.kledger.ingest.strace.StraceLine;
import io.kledger.ingest.strace.StraceLineParser;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceSyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/** A slot of a submission queue, and the system call that it asks for. */
final class Sqe {
  /** Opcodes that no kernel has: they need the feature. */
  private static final List<String> PROPOSED =
      List.of(
          "SETNS",
          "UNSHARE",
          "MOUNT",
          "UMOUNT2",
          "OPEN_TREE",
          "MOVE_MOUNT",
          "FSOPEN",
          "FSCONFIG",
          "FSMOUNT",
          "MOUNT_SETATTR",
          "MKNODAT",
          "FCHMODAT2",
          "FCHOWNAT",
          "UTIMENSAT",
          "FLOCK",
          "FCNTL_SETLK",
          "INOTIFY_ADD_WATCH",
          "PIDFD_OPEN");

  /** Those that change the task itself: a worker cannot run them. */
  private static final List<String> OF_THE_TASK = List.of("SETNS", "UNSHARE");

  private static final String PREFIX = "IORING_OP_";

  private final Map<String, String> members = new LinkedHashMap<>();

  Sqe(String text) {
    int depth = 0;
    boolean quoted = false;
    int start = 1;
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' && text.charAt(i - 1) != '\\') {
        quoted = !quoted;
      }
      if (quoted) {
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}')) {
        add(text.substring(start, i).strip());
        start = i + 1;
      }
      depth += c == '{' || c == '[' || c == '(' ? 1 : 0;
      depth -= depth > 0 && (c == '}' || c == ']' || c == ')') ? 1 : 0;
    }
  }

  private void add(String member) {
    int equals = member.indexOf('=');
    if (equals > 0) {
      members.put(member.substring(0, equals), member.substring(equals + 1));
    }
  }

  /** The name of the opcode without its prefix, or its number as written. */
  String opcode() {
    String opcode = get("opcode", "0");
    return opcode.startsWith(PREFIX) ? opcode.substring(PREFIX.length()) : opcode;
  }

  boolean proposed() {
    return PROPOSED.contains(opcode());
  }

  boolean ofTheTask() {
    return OF_THE_TASK.contains(opcode());
  }

  long userData() {
    return Arguments.number(get("user_data", "0"), 0);
  }

  boolean has(String flag) {
    for (String one : get("flags", "").split("\\|")) {
      if (one.equals(flag)) {
        return true;
      }
    }
    return false;
  }

  void set(String name, String value) {
    members.put(name, value);
  }

  String get(String name, String otherwise) {
    return members.getOrDefault(name, otherwise);
  }

  /**
   * The call as strace would print it, a read or write with its offset if {@code positioned}; null
   * if the opcode is none that the model knows.
   */
  private String text(boolean positioned) {
    return switch (opcode()) {
      case "SETNS" -> call("setns", "fd", "nstype");
      case "UNSHARE" -> call("unshare", "unshare_flags");
      case "UMOUNT2" -> call("umount2", "addr", "umount_flags|0");
      case "MOUNT" -> call("mount", "source", "target", "fstype", "mount_flags|0", "data|NULL");
      case "MKDIRAT" -> call("mkdirat", "fd", "addr", "len|mode");
      case "MKNODAT" ->
          device()
              ? call("mknodat", "fd", "addr", "mode", "dev|0")
              : call("mknodat", "fd", "addr", "mode");
      case "FCHMODAT2" -> call("fchmodat2", "fd", "addr", "mode", "op_flags|0");
      case "FCHOWNAT" -> call("fchownat", "fd", "addr", "uid", "gid", "op_flags|0");
      case "OPENAT" -> call("openat", "fd", "addr", "open_flags|O_RDONLY", "len|0");
      case "CLOSE" -> call("close", "fd");
      case "UNLINKAT" -> call("unlinkat", "fd", "addr", "unlink_flags|0");
      case "RENAMEAT" -> call("renameat2", "fd", "addr", "len", "addr2", "rename_flags|0");
      case "SYMLINKAT" -> call("symlinkat", "addr", "fd", "addr2");
      case "LINKAT" -> call("linkat", "fd", "addr", "len", "addr2", "hardlink_flags|0");
      case "FTRUNCATE" -> call("ftruncate", "fd", "len");
      case "FLOCK" -> call("flock", "fd", "op");
      case "INOTIFY_ADD_WATCH" -> call("inotify_add_watch", "fd", "addr", "mask");
      case "PIDFD_OPEN" -> call("pidfd_open", "pid", "op_flags|0");
      case "OPENAT2" -> call("openat2", "fd", "addr", "addr2", "len|24");
      case "READ" ->
          positioned
              ? call("pread64", "fd", "addr|NULL", "len", "off|0")
              : call("read", "fd", "addr|NULL", "len");
      case "WRITE" ->
          positioned
              ? call("pwrite64", "fd", "addr|NULL", "len", "off|0")
              : call("write", "fd", "addr|NULL", "len");
      case "READV" ->
          positioned
              ? call("preadv", "fd", "addr|NULL", "len", "off|0")
              : call("readv", "fd", "addr|NULL", "len");
      case "WRITEV" ->
          positioned
              ? call("pwritev", "fd", "addr|NULL", "len", "off|0")
              : call("writev", "fd", "addr|NULL", "len");
      case "FSYNC" -> call("fsync", "fd");
      case "FALLOCATE" -> call("fallocate", "fd", "len|0", "off|0", "addr|0");
      case "SEND" -> call("sendto", "fd", "addr|NULL", "len", "msg_flags|0", "dest|NULL", "dlen|0");
      case "RECV" ->
          call("recvfrom", "fd", "addr|NULL", "len", "msg_flags|0", "src|NULL", "slen|NULL");
      case "SENDMSG" -> call("sendmsg", "fd", "addr", "msg_flags|0");
      case "RECVMSG" -> call("recvmsg", "fd", "addr", "msg_flags|0");
      case "SOCKET" -> call("socket", "fd", "off", "len|0");
      case "ACCEPT" -> call("accept4", "fd", "addr|NULL", "addr2|NULL", "accept_flags|0");
      case "CONNECT" -> call("connect", "fd", "addr", "off|addr2");
      case "BIND" -> call("bind", "fd", "addr", "off|addr2");
      case "EPOLL_CTL" -> call("epoll_ctl", "fd", "len|op", "off", "addr|NULL");
      case "SHUTDOWN" -> call("shutdown", "fd", "len");
      case "LISTEN" -> call("listen", "fd", "len");
      default -> null;
    };
  }

  private boolean device() {
    String mode = get("mode", "");
    return mode.contains("S_IFCHR") || mode.contains("S_IFBLK");
  }

  private String call(String name, String... arguments) {
    StringBuilder text = new StringBuilder("1 ").append(name).append('(');
    for (int i = 0; i < arguments.length; i++) {
      int bar = arguments[i].indexOf('|');
      String member = bar < 0 ? arguments[i] : arguments[i].substring(0, bar);
      String otherwise = bar < 0 ? "0" : arguments[i].substring(bar + 1);
      text.append(i == 0 ? "" : ", ").append(get(member, get(otherwise, otherwise)));
    }
    return text.append(") = 0").toString();
  }

  /** The call's record; null if the opcode or its members are none that the model knows. */
  SpecificRecord call(boolean positioned) {
    String text = text(positioned);
    if (text == null) {
      return null;
    }
    try {
      StraceLine line = new StraceLineParser(StraceOptions.of("io_uring")).parse(text);
      return line instanceof StraceLine.Call call && call.call() instanceof SpecificRecord record
          ? record
          : null;
    } catch (StraceSyntaxException e) {
      return null;
    }
  }
}

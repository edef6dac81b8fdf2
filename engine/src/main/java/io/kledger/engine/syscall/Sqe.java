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
      case "SETNS" -> call("setns", "fd", "nstype|0");
      case "UNSHARE" -> call("unshare", "unshare_flags|op_flags|0");
      case "UMOUNT2" -> call("umount2", "target|addr|NULL", "umount_flags|op_flags|0");
      case "MOUNT" -> mount();
      case "OPEN_TREE" -> call("open_tree", "fd|dfd", "addr|filename|NULL", "op_flags|0");
      case "MOVE_MOUNT" ->
          call(
              "move_mount",
              "fd|from_dfd",
              "addr|from_pathname|\"\"",
              "len|to_dfd|AT_FDCWD",
              "addr2|to_pathname|NULL",
              "op_flags|0");
      case "FSOPEN" -> call("fsopen", "fsname|addr|NULL", "op_flags|0");
      case "FSCONFIG" ->
          call("fsconfig", "fd", "cmd", "key|addr|NULL", "value|addr2|NULL", "aux|0");
      case "FSMOUNT" -> call("fsmount", "fd", "fsmount_flags|op_flags|0", "attr_flags|ms_flags|0");
      case "MOUNT_SETATTR" ->
          call(
              "mount_setattr",
              "fd|dfd",
              "addr|path|\"\"",
              "op_flags|0",
              "attr|uattr|addr2",
              "size|usize|32");
      case "UTIMENSAT" ->
          call(
              "utimensat", "fd|dfd", "addr|filename|NULL", "times|utimes|addr2|NULL", "op_flags|0");
      case "MKDIRAT" -> call("mkdirat", "fd", "addr", "len|mode|0");
      case "MKNODAT" ->
          device()
              ? call("mknodat", "fd", "addr", "mode", "dev|0")
              : call("mknodat", "fd", "addr", "mode");
      case "FCHMODAT2" -> call("fchmodat2", "fd", "addr", "mode|len|0", "op_flags|0");
      case "FCHOWNAT" ->
          call("fchownat", "fd", "addr", "uid|user|-1", "gid|group|-1", "op_flags|0");
      case "OPENAT" -> call("openat", "fd", "addr", "op_flags|O_RDONLY", "len|mode|0");
      case "OPENAT2" -> call("openat2", "fd", "addr", "how|addr2", "len|24");
      case "CLOSE" -> call("close", "fd");
      case "FSYNC" -> call("fsync", "fd");
      case "UNLINKAT" -> call("unlinkat", "fd", "addr", "op_flags|0");
      case "RENAMEAT" ->
          call("renameat2", "fd", "addr", "len|newdfd|AT_FDCWD", "addr2", "op_flags|0");
      case "SYMLINKAT" -> call("symlinkat", "addr", "fd", "addr2");
      case "LINKAT" -> call("linkat", "fd", "addr", "len|newdfd|AT_FDCWD", "addr2", "op_flags|0");
      case "FTRUNCATE" -> call("ftruncate", "fd", "len|off|0");
      case "FALLOCATE" -> call("fallocate", "fd", "len|0", "off|0", "addr|0");
      case "FLOCK" -> call("flock", "fd", "op|operation|0");
      case "FCNTL_SETLK" -> call("fcntl", "fd", "cmd|F_SETLK", "lock|arg|flock|NULL");
      case "INOTIFY_ADD_WATCH" -> call("inotify_add_watch", "fd", "addr|pathname|NULL", "mask|0");
      case "PIDFD_OPEN" -> call("pidfd_open", "pid|fd", "op_flags|0");
      case "SOCKET" -> call("socket", "domain|fd", "type|off|0", "protocol|len|0");
      case "SHUTDOWN" -> call("shutdown", "fd", "how|len|0");
      case "BIND" -> call("bind", "fd", "sockaddr|addr", "addrlen|off|addr2|110");
      case "CONNECT" -> call("connect", "fd", "sockaddr|addr", "addrlen|off|addr2|110");
      case "LISTEN" -> call("listen", "fd", "backlog|len|0");
      case "FSETXATTR" -> call("fsetxattr", "fd", "name|addr", "value|addr2", "len", "op_flags|0");
      case "SETXATTR" ->
          call("setxattr", "path|addr3", "name|addr", "value|addr2", "len", "op_flags|0");
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
      case "SEND" -> call("sendto", "fd", "addr|NULL", "len", "msg_flags|0", "dest|NULL", "dlen|0");
      case "RECV" ->
          call("recvfrom", "fd", "addr|NULL", "len", "msg_flags|0", "src|NULL", "slen|NULL");
      case "SENDMSG" -> call("sendmsg", "fd", "addr", "msg_flags|0");
      case "RECVMSG" -> call("recvmsg", "fd", "addr", "msg_flags|0");
      case "ACCEPT" -> call("accept4", "fd", "addr|NULL", "addr2|NULL", "accept_flags|0");
      case "EPOLL_CTL" -> call("epoll_ctl", "fd", "len|op", "off", "addr|NULL");
      default -> null;
    };
  }

  /** Of one path alone it is the target; two are the source and the target. */
  private String mount() {
    boolean both = members.containsKey("addr2");
    return call(
        "mount",
        both ? "source|dev_name|addr" : "source|dev_name|\"none\"",
        both ? "target|dir_name|addr2" : "target|dir_name|addr|NULL",
        "fstype|filesystemtype|type|NULL",
        "op_flags|mountflags|0",
        "data|NULL");
  }

  private boolean device() {
    String mode = get("mode", "");
    return mode.contains("S_IFCHR") || mode.contains("S_IFBLK");
  }

  /** An argument is the first of its members that is written; the last word is the default. */
  private String call(String name, String... arguments) {
    StringBuilder text = new StringBuilder("1 ").append(name).append('(');
    for (int i = 0; i < arguments.length; i++) {
      text.append(i == 0 ? "" : ", ").append(argument(arguments[i].split("\\|")));
    }
    return text.append(") = 0").toString();
  }

  private String argument(String... names) {
    for (String name : names) {
      String value = name.equals("op_flags") ? operationFlags() : members.get(name);
      if (value != null) {
        return value;
      }
    }
    String last = names[names.length - 1];
    return Character.isLowerCase(last.charAt(0)) ? "0" : last;
  }

  /** Flags of the call, which {@code flags} are not: those are the slot's. */
  private String operationFlags() {
    for (String name : members.keySet()) {
      if (name.endsWith("_flags") && !name.equals("attr_flags") && !name.equals("ms_flags")) {
        return members.get(name);
      }
    }
    return null;
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

package io.kledger.ingest.audit;

import java.util.Map;
import java.util.Set;

/** Types of records, include/uapi/linux/audit.h. */
final class AuditTypes {
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1006, "LOGIN"),
          Map.entry(1127, "SYSTEM_BOOT"),
          Map.entry(1300, "SYSCALL"),
          Map.entry(1302, "PATH"),
          Map.entry(1303, "IPC"),
          Map.entry(1304, "SOCKETCALL"),
          Map.entry(1305, "CONFIG_CHANGE"),
          Map.entry(1306, "SOCKADDR"),
          Map.entry(1307, "CWD"),
          Map.entry(1309, "EXECVE"),
          Map.entry(1318, "OBJ_PID"),
          Map.entry(1320, "EOE"),
          Map.entry(1321, "BPRM_FCAPS"),
          Map.entry(1322, "CAPSET"),
          Map.entry(1323, "MMAP"),
          Map.entry(1326, "SECCOMP"),
          Map.entry(1327, "PROCTITLE"),
          Map.entry(1337, "OPENAT2"),
          Map.entry(1701, "ANOM_ABEND"),
          Map.entry(1311, "FD_PAIR"));

  /** Records that only explain a SYSCALL record. */
  private static final Set<String> PARTS =
      Set.of("PATH", "CWD", "EXECVE", "PROCTITLE", "SOCKADDR", "FD_PAIR", "MMAP", "EOE", "OPENAT2");

  private AuditTypes() {}

  /** The name of a type that was printed as a name, a number, or {@code UNKNOWN[number]}. */
  static String name(String printed) {
    String digits = printed;
    if (printed.startsWith("UNKNOWN[") && printed.endsWith("]")) {
      digits = printed.substring(8, printed.length() - 1);
    }
    long number = AuditRecord.number(digits, 10, -1);
    return number < 0 || number > 9999 ? printed : NAMES.getOrDefault((int) number, printed);
  }

  static boolean part(String type) {
    return PARTS.contains(type);
  }

  /** The last record of an event: those before it are all there. */
  static boolean last(String type) {
    return type.equals("PROCTITLE") || type.equals("EOE");
  }

  /** Sent by a program, not by the kernel: each an event of its own. */
  static boolean alone(String type) {
    return type.startsWith("USER_")
        || type.startsWith("CRED_")
        || type.startsWith("SERVICE_")
        || type.startsWith("SYSTEM_")
        || type.startsWith("CRYPTO_")
        || ownSerial(type);
  }

  /** Of auditd itself, which counts its events by a number of its own. */
  static boolean ownSerial(String type) {
    return type.startsWith("DAEMON_");
  }
}

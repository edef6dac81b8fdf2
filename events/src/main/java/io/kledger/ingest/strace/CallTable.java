package io.kledger.ingest.strace;

import io.kledger.abi.NameTable;
import io.kledger.abi.SyscallNumbers;
import io.kledger.event.avro.Syscall;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;

/**
 * The calls that have a record: every member of the union in Syscall that names its system call.
 */
final class CallTable {
  /** A call: its name, and the record that its arguments are bound to, null if it has none. */
  record Entry(String name, RecordPlan plan) {}

  private static final Map<String, Entry> BY_NAME = new TreeMap<>();
  private static final NameTable<Entry> TABLE;

  static {
    for (Schema type : Syscall.getClassSchema().getField("call").schema().getTypes()) {
      String name = type.getProp("syscall");
      if (name != null) {
        Entry entry = new Entry(name, RecordPlan.of(type));
        BY_NAME.put(name, entry);
        if (type.getObjectProp("alsoNamed") instanceof Collection<?> others) {
          others.forEach(other -> BY_NAME.put((String) other, entry));
        }
      }
    }
    Map<String, Entry> all = new HashMap<>(BY_NAME);
    for (int number = 0; number < 1024; number++) {
      String name = SyscallNumbers.name(number);
      if (name != null) {
        all.putIfAbsent(name, new Entry(name, null));
      }
    }
    TABLE = new NameTable<>(all);
  }

  private CallTable() {}

  /** The call of that name; null if neither a record nor a number is known for it. */
  static Entry find(byte[] s, int from, int to) {
    return TABLE.get(s, from, to);
  }

  /** The call that strace knows only by number, null if these bytes are another name. */
  static Entry findRaw(byte[] s, int from, int to) {
    String name = SyscallNumbers.name(SyscallNumbers.rawNumber(s, from, to));
    if (name == null) {
      return null;
    }
    byte[] bytes = ValueParser.ascii(name);
    return TABLE.get(bytes, 0, bytes.length);
  }

  /** All calls with a record, by name. */
  static Map<String, Entry> typed() {
    return java.util.Collections.unmodifiableMap(BY_NAME);
  }
}

package io.kledger.engine.mount;

import io.kledger.event.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a filesystem prints of its options in mountinfo (super_operations.show_options). */
public final class FilesystemOptions {
  /** The text after `rw` or `ro`; {@code known} false if it is a guess. */
  public record Shown(Bytes text, boolean known) {
    static final Shown NOTHING = new Shown(Bytes.EMPTY, true);
  }

  private FilesystemOptions() {}

  /** From the data of mount(2): options with commas between. */
  public static Shown of(Bytes type, Bytes data) {
    Map<String, String> options = parse(data);
    return switch (type.latin1()) {
      case "tmpfs" -> tmpfs(options);
      case "devpts" -> devpts(options);
      case "proc",
          "sysfs",
          "mqueue",
          "cgroup2",
          "ramfs",
          "securityfs",
          "debugfs",
          "tracefs",
          "nsfs",
          "ext4",
          "ext3",
          "ext2",
          "squashfs" ->
          new Shown(given(type.latin1(), options), options.isEmpty());
      default -> new Shown(data == null ? Bytes.EMPTY : data, false);
    };
  }

  /** Options in the order given, keyed; a later one replaces an earlier. */
  static Map<String, String> parse(Bytes data) {
    Map<String, String> options = new LinkedHashMap<>();
    if (data != null && !data.isEmpty()) {
      for (String option : data.latin1().split(",")) {
        int equals = option.indexOf('=');
        String key = equals < 0 ? option : option.substring(0, equals);
        if (!key.isEmpty()) {
          options.remove(key);
          options.put(key, equals < 0 ? "" : option.substring(equals + 1));
        }
      }
    }
    return options;
  }

  private static Bytes given(String type, Map<String, String> options) {
    List<String> shown = new ArrayList<>();
    options.forEach(
        (key, value) -> {
          // ext4_show_options() knows it by its other name.
          String name = key.equals("noload") ? "norecovery" : key;
          shown.add(value.isEmpty() ? name : name + "=" + value);
        });
    return Bytes.of(String.join(",", shown));
  }

  /** shmem_show_options(): what differs from the defaults, in a fixed order. */
  private static Shown tmpfs(Map<String, String> options) {
    List<String> shown = new ArrayList<>();
    boolean known = true;
    String size = options.get("size");
    if (size != null) {
      known = !size.endsWith("%");
      long bytes = known ? memparse(size) : 0;
      if (bytes != 0 || !known) {
        shown.add("size=" + (known ? (bytes + 4095) / 4096 * 4 + "k" : size));
      }
    }
    if (options.containsKey("nr_blocks")) {
      shown.add("size=" + memparse(options.get("nr_blocks")) * 4 + "k");
    }
    if (options.containsKey("nr_inodes")) {
      shown.add("nr_inodes=" + memparse(options.get("nr_inodes")));
    }
    if (options.containsKey("mode")) {
      int mode = Integer.parseInt(options.get("mode"), 8) & 07777;
      if (mode != 01777) {
        shown.add("mode=" + octal(mode));
      }
    }
    for (String id : List.of("uid", "gid")) {
      if (options.containsKey(id) && !options.get(id).equals("0")) {
        shown.add(id + "=" + options.get(id));
      }
    }
    for (String word : List.of("huge", "mpol")) {
      if (options.containsKey(word)) {
        shown.add(word + "=" + options.get(word));
      }
    }
    if (options.containsKey("noswap")) {
      shown.add("noswap");
    }
    return new Shown(Bytes.of(String.join(",", shown)), known);
  }

  /** devpts_show_options(). */
  private static Shown devpts(Map<String, String> options) {
    List<String> shown = new ArrayList<>();
    for (String id : List.of("uid", "gid")) {
      if (options.containsKey(id)) {
        shown.add(id + "=" + options.get(id));
      }
    }
    shown.add("mode=" + octal(Integer.parseInt(options.getOrDefault("mode", "600"), 8)));
    shown.add("ptmxmode=" + octal(Integer.parseInt(options.getOrDefault("ptmxmode", "0"), 8)));
    if (options.containsKey("max")) {
      shown.add("max=" + options.get("max"));
    }
    return new Shown(Bytes.of(String.join(",", shown)), true);
  }

  private static String octal(int mode) {
    String digits = Integer.toOctalString(mode);
    return digits.length() >= 3 ? digits : "0".repeat(3 - digits.length()) + digits;
  }

  /** Permission bits of the root of a fresh filesystem. */
  static int rootMode(Bytes type, Bytes data) {
    String mode = parse(data).get("mode");
    boolean takesMode = type.latin1().equals("tmpfs") || type.latin1().equals("ramfs");
    if (takesMode && mode != null && mode.matches("[0-7]{1,5}")) {
      return Integer.parseInt(mode, 8) & 07777;
    }
    return type.latin1().equals("tmpfs") ? 01777 : type.latin1().equals("proc") ? 0555 : 0755;
  }

  /** Parameters of types whose list is short and complete. */
  private static final Map<String, List<String>> PARAMETERS = parameters();

  private static Map<String, List<String>> parameters() {
    Map<String, List<String>> parameters = new TreeMap<>();
    parameters.put(
        "cgroup2",
        List.of(
            "nsdelegate",
            "favordynmods",
            "memory_localevents",
            "memory_recursiveprot",
            "memory_hugetlb_accounting",
            "pids_localevents"));
    parameters.put("binfmt_misc", List.of());
    parameters.put("mqueue", List.of());
    parameters.put("sysfs", List.of());
    parameters.put("proc", List.of("gid", "hidepid", "subset", "pidns"));
    parameters.put("devpts", List.of("uid", "gid", "mode", "ptmxmode", "newinstance", "max"));
    return parameters;
  }

  /** Whether a filesystem takes these options; the first wrong one, or null. */
  static String wrong(Bytes type, Bytes data) {
    List<String> parameters = PARAMETERS.get(type.latin1());
    if (parameters != null) {
      for (String option : parse(data).keySet()) {
        if (!parameters.contains(option) && !option.equals("source")) {
          return option;
        }
      }
    }
    if (!type.latin1().equals("tmpfs")) {
      return null;
    }
    for (Map.Entry<String, String> option : parse(data).entrySet()) {
      boolean fine =
          switch (option.getKey()) {
            case "size" -> option.getValue().matches("(0x)?[0-9]+[kKmMgGtTpPeE]?%?");
            case "nr_blocks", "nr_inodes" -> option.getValue().matches("[0-9]+[kKmMgGtTpPeE]?");
            case "mode" -> option.getValue().matches("[0-7]+");
            case "uid", "gid" -> option.getValue().matches("[0-9]{1,10}");
            case "huge",
                "mpol",
                "inode32",
                "inode64",
                "noswap",
                "usrquota",
                "grpquota",
                "casefold",
                "strict_encoding",
                "quota",
                "usrquota_block_hardlimit",
                "source" ->
                true;
            default -> false;
          };
      if (!fine) {
        return option.getKey();
      }
    }
    return null;
  }

  /** Size of a tmpfs in blocks of 4 KiB as options say it; -1 if they do not, or in percent. */
  static long tmpfsBlocks(Bytes data) {
    Map<String, String> options = parse(data);
    String size = options.get("size");
    if (size != null && !size.endsWith("%")) {
      return (memparse(size) + 4095) >> 12;
    }
    return options.containsKey("nr_blocks") ? memparse(options.get("nr_blocks")) : -1;
  }

  /** Whether {@link #wrong} knows every option of a type. */
  static boolean checked(Bytes type) {
    List<String> parameters = PARAMETERS.get(type.latin1());
    return type.latin1().equals("tmpfs") || parameters != null && parameters.isEmpty();
  }

  /** memparse(): a number with a suffix. */
  private static long memparse(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    int shift = "kmgtpe".indexOf(Character.toLowerCase(text.charAt(text.length() - 1)));
    String digits = shift < 0 ? text : text.substring(0, text.length() - 1);
    try {
      return Long.decode(digits.isEmpty() ? "0" : digits) << (shift < 0 ? 0 : 10 * (shift + 1));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}

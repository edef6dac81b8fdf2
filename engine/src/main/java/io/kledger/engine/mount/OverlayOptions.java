package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.PathWalk;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What overlayfs prints: ovl_show_options(), with the defaults of a kernel that has all of them
 * off.
 */
final class OverlayOptions {
  static final Bytes TYPE = Bytes.of("overlay");
  private static final Bytes WORK = Bytes.of("work");

  private OverlayOptions() {}

  /** From the data of mount(2). */
  static FilesystemOptions.Shown of(CallContext context, Bytes data) {
    Map<String, String> given = parse(data == null ? "" : data.latin1());
    List<String> shown = new ArrayList<>();
    String upper = given.get("upperdir");
    copy(given, shown, "lowerdir");
    shown.addAll(layers(data == null ? "" : data.latin1()));
    if (given.containsKey("immutable_lower")) {
      shown.add("immutable_lower=" + given.get("immutable_lower"));
    }
    copy(given, shown, "upperdir");
    copy(given, shown, "workdir");
    if (given.containsKey("default_permissions")) {
      shown.add("default_permissions");
    }
    boolean metacopy = "on".equals(given.get("metacopy"));
    String redirect = given.get("redirect_dir");
    if (given.containsKey("userxattr")) {
      redirect = "nofollow";
    } else if (redirect == null && (metacopy || upper == null)) {
      redirect = "on";
    }
    if (redirect != null && !redirect.equals("follow")) {
      shown.add("redirect_dir=" + (redirect.equals("off") ? "follow" : redirect));
    }
    boolean export = "on".equals(given.get("nfs_export"));
    if (export || "on".equals(given.get("index"))) {
      shown.add("index=on");
    }
    uuid(context, given, shown);
    if (export) {
      shown.add("nfs_export=on");
    }
    if (metacopy) {
      shown.add("metacopy=on");
    }
    for (String word : List.of("userxattr", "verity")) {
      if (given.containsKey(word)) {
        shown.add(word);
      }
    }
    if (given.containsKey("volatile")) {
      shown.add("fsync=volatile");
    }
    return new FilesystemOptions.Shown(
        Bytes.wrap(String.join(",", shown).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)),
        !given.containsKey("xino"));
  }

  /** Proposed: which layers are immutable is said once. Other options a remount ignores. */
  static boolean fixed(Bytes type, Bytes data) {
    if (data == null || !type.equals(TYPE)) {
      return false;
    }
    Map<String, String> given = parse(data.latin1());
    return given.containsKey("immutabledir+") || given.containsKey("immutable_lower");
  }

  /** ovl_fs_params_verify(): whether options contradict each other. */
  static boolean contradict(Bytes data) {
    Map<String, String> given = parse(data == null ? "" : data.latin1());
    String redirect = given.get("redirect_dir");
    boolean metacopy = "on".equals(given.get("metacopy"));
    boolean export = "on".equals(given.get("nfs_export"));
    boolean user = given.containsKey("userxattr");
    boolean upper = given.containsKey("upperdir");
    boolean follows = "on".equals(redirect) || !upper && "off".equals(redirect);
    return user && redirect != null && !redirect.equals("nofollow")
        || user && metacopy
        || metacopy && redirect != null && !follows
        || upper && export && "off".equals(given.get("index"))
        || upper && export && metacopy;
  }

  static boolean hasUpper(Bytes data) {
    return data != null && parse(data.latin1()).containsKey("upperdir");
  }

  private static void copy(Map<String, String> given, List<String> shown, String key) {
    if (given.containsKey(key)) {
      shown.add(key + "=" + mangled(given.get(key)));
    }
  }

  /** ovl_init_uuid_xattr(): the first mount of an upper directory gives it a uuid. */
  private static void uuid(CallContext context, Map<String, String> given, List<String> shown) {
    String asked = given.getOrDefault("uuid", "auto");
    if (!asked.equals("auto")) {
      shown.add("uuid=" + asked);
      return;
    }
    String work = given.get("workdir");
    if (given.get("upperdir") != null && work != null && firstUse(context, Bytes.of(work))) {
      shown.add("uuid=on");
    }
  }

  /**
   * Whether the directory `work` that an overlay makes in its workdir is not there yet; makes it.
   */
  private static boolean firstUse(CallContext context, Bytes path) {
    KernelState state = context.state();
    var fs = state.fs.get(context.task().fs());
    if (fs == null || path.isEmpty()) {
      return false;
    }
    var start = path.at(0) == '/' ? fs.root() : fs.cwd();
    if (!start.known()
        || !(PathWalk.walk(context, start, path, PathWalk.FOLLOW, Inode.S_IFDIR)
            instanceof PathWalk.Found found)
        || !found.place().known()) {
      return false;
    }
    long directory = found.place().dentry();
    Dentry work = state.child(directory, WORK);
    if (work != null && work.inode() != 0) {
      return false;
    }
    Dcache.createChild(context, directory, WORK, Dcache.Spec.of(Inode.S_IFDIR, 0, 0));
    Bytes type = state.superblocks.require(state.dentries.require(directory).superblock()).type();
    return !type.latin1().startsWith("ext2");
  }

  /** Lower layers that were named one by one, those for data last. */
  private static List<String> layers(String data) {
    List<String> shown = new ArrayList<>();
    List<String> only = new ArrayList<>();
    for (String[] option : words(data)) {
      switch (option[0]) {
        case "lowerdir+", "immutabledir+" -> shown.add(option[0] + "=" + mangled(option[1]));
        case "datadir+" -> only.add(option[0] + "=" + mangled(option[1]));
        default -> {}
      }
    }
    shown.addAll(only);
    return shown;
  }

  private static Map<String, String> parse(String data) {
    Map<String, String> options = new LinkedHashMap<>();
    words(data).forEach(option -> options.put(option[0], option[1]));
    return options;
  }

  /** A path as a value in the syntax of {@link #words}. */
  static Bytes escaped(Bytes path) {
    StringBuilder text = new StringBuilder();
    for (char c : path.latin1().toCharArray()) {
      text.append(c == ',' || c == '\\' ? "\\" : "").append(c);
    }
    return Bytes.wrap(text.toString().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
  }

  /** Options with their values; a comma behind a backslash belongs to the value. */
  private static List<String[]> words(String data) {
    List<String[]> options = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i <= data.length(); i++) {
      char c = i == data.length() ? ',' : data.charAt(i);
      if (c == '\\' && i + 1 < data.length()) {
        word.append(c).append(data.charAt(++i));
      } else if (c != ',') {
        word.append(c);
      } else if (!word.isEmpty()) {
        int equals = word.indexOf("=");
        options.add(
            new String[] {
              equals < 0 ? word.toString() : word.substring(0, equals),
              equals < 0 ? "" : word.substring(equals + 1)
            });
        word.setLength(0);
      }
    }
    return options;
  }

  /** seq_escape() of option values: `,`, `=`, blanks and backslashes. */
  private static String mangled(String value) {
    StringBuilder text = new StringBuilder();
    for (char c : value.toCharArray()) {
      if (",= \t\n\\".indexOf(c) >= 0) {
        text.append('\\').append((char) ('0' + (c >> 6)));
        text.append((char) ('0' + (c >> 3 & 7))).append((char) ('0' + (c & 7)));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}

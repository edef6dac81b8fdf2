package io.kledger.ingest.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the command line of mount(8) tells of the strings that mount(2) was given, of which the
 * audit record has only addresses.
 *
 * @param data null if there is none
 */
record MountHint(String fstype, String source, String data) {
  private static final Set<String> GENERIC =
      Set.of(
          "defaults",
          "rw",
          "ro",
          "suid",
          "nosuid",
          "dev",
          "nodev",
          "exec",
          "noexec",
          "sync",
          "async",
          "atime",
          "noatime",
          "diratime",
          "nodiratime",
          "relatime",
          "norelatime",
          "strictatime",
          "nostrictatime",
          "dirsync",
          "silent",
          "loud",
          "auto",
          "noauto",
          "user",
          "nouser",
          "users",
          "nofail",
          "_netdev",
          "lazytime",
          "nolazytime",
          "mand",
          "nomand",
          "iversion",
          "noiversion",
          "nosymfollow",
          "symfollow",
          "private",
          "shared",
          "slave",
          "unbindable");

  /**
   * Reads {@code mount -t TYPE [-o OPTIONS] SOURCE TARGET}.
   *
   * @param target the mount point as the PATH record names it
   * @return null if the words say less than that, or of another mount point
   */
  static MountHint of(List<String> argv, String target) {
    if (argv == null || argv.isEmpty() || !base(argv.getFirst()).equals("mount")) {
      return null;
    }
    String type = null;
    String options = "";
    List<String> places = new ArrayList<>();
    for (int i = 1; i < argv.size(); i++) {
      String word = argv.get(i);
      boolean more = i + 1 < argv.size();
      if ((word.equals("-t") || word.equals("--types")) && more) {
        type = argv.get(++i);
      } else if ((word.equals("-o") || word.equals("--options")) && more) {
        options = options + "," + argv.get(++i);
      } else if (word.startsWith("--types=")) {
        type = word.substring(8);
      } else if (word.startsWith("-t") && word.length() > 2) {
        type = word.substring(2);
      } else if (word.startsWith("-o") && word.length() > 2) {
        options = options + "," + word.substring(2);
      } else if (!word.startsWith("-")) {
        places.add(word);
      }
    }
    boolean told = type != null && !type.contains(",") && !type.startsWith("no");
    if (!told || places.size() != 2 || !places.get(1).equals(target)) {
      return null;
    }
    return new MountHint(type, places.get(0), data(options));
  }

  private static String data(String options) {
    List<String> own = new ArrayList<>();
    for (String option : options.split(",")) {
      if (!option.isEmpty() && !GENERIC.contains(option) && !option.startsWith("x-")) {
        own.add(option);
      }
    }
    return own.isEmpty() ? null : String.join(",", own);
  }

  private static String base(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}

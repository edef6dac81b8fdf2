package io.kledger.engine.syscall;

import io.kledger.abi.Constants;
import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.ns.Capability;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.RightsFilter;
import io.kledger.kernel.file.Seals;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** SO_RIGHTS_FILTER: which descriptors a socket lets in. No kernel has it yet. */
final class RightsFilters {
  /** Most rules of a filter. */
  private static final int MOST = 64;

  /** Bytes of the option's value that a rule takes. */
  private static final int RULE = 40;

  private static final int NET_ADMIN = 12;
  private static final Pattern RULES = Pattern.compile("rules=\\[(.*)\\]");
  private static final Pattern ONE = Pattern.compile("\\{([^{}]*)\\}");
  private static final List<String> NAMES =
      List.of("fstype", "ifmt", "memfd", "seals", "access", "path");

  private RightsFilters() {}

  /** Sets a filter. A connected socket's can only be narrowed without CAP_NET_ADMIN. */
  static Result set(CallContext context, Socket socket, String value, long length) {
    String mode = word(value, "mode");
    String action = word(value, "action");
    boolean allow = mode.equals("ALLOW");
    boolean drop = action.equals("DROP");
    List<String> rules = rules(value);
    if (!allow && !mode.equals("DENY") || !drop && !action.equals("REJECT") || rules == null) {
      return context.fail(Errno.EINVAL, "F10 malformed filter");
    }
    if (rules.size() > MOST) {
      return context.fail(Errno.E2BIG, "F10 64 rules");
    }
    if (length < (long) RULE * rules.size()) {
      return context.fail(Errno.EINVAL, "F10 length");
    }
    RightsFilter filter = new RightsFilter(socket.key(), allow, drop, rules);
    RightsFilter old = context.state().rightsFilters.get(socket.key());
    boolean connected = socket.state() == Socket.State.CONNECTED;
    if (connected && old != null && !narrows(old, filter) && !admin(context, socket)) {
      return context.fail(Errno.EPERM, "F10 a connected socket's filter can only be narrowed");
    }
    context.put(Tables.RIGHTS_FILTERS, filter);
    return Result.ZERO;
  }

  /** As getsockopt(2) prints it. */
  static String text(RightsFilter filter) {
    List<String> rules = new ArrayList<>();
    for (String rule : filter.rules()) {
      rules.add("{" + rule.replace(" ", ", ") + "}");
    }
    return "{mode="
        + (filter.allow() ? "ALLOW" : "DENY")
        + ", rules=["
        + String.join(", ", rules)
        + "], action="
        + (filter.drop() ? "DROP" : "REJECT")
        + "}";
  }

  /** Bytes of the option's value. */
  static int length(RightsFilter filter) {
    return RULE * filter.rules().size();
  }

  /** How many descriptions of a message a filter objects to. */
  static int offending(CallContext context, RightsFilter filter, List<OpenFileDescription> files) {
    int count = 0;
    for (OpenFileDescription file : files) {
      count += offends(context, filter, file) ? 1 : 0;
    }
    return count;
  }

  static boolean offends(CallContext context, RightsFilter filter, OpenFileDescription file) {
    boolean matches = filter.rules().stream().anyMatch(rule -> matches(context, rule, file));
    return matches != filter.allow();
  }

  private static boolean admin(CallContext context, Socket socket) {
    KernelState state = context.state();
    Namespace net = state.namespaces.get(socket.netNs());
    return net != null
        && Capability.over(state, context.task().credentials(), net.owner(), NET_ADMIN);
  }

  /** Whether nothing passes the new filter that the old one keeps out, as far as rules tell. */
  private static boolean narrows(RightsFilter old, RightsFilter filter) {
    boolean closed = filter.allow() && filter.rules().isEmpty();
    boolean open = !old.allow() && old.rules().isEmpty();
    if (closed || open) {
      return true;
    }
    if (old.allow() != filter.allow()) {
      return filter.allow()
          && filter.rules().stream()
              .allMatch(rule -> old.rules().stream().allMatch(other -> contradicts(rule, other)));
    }
    List<String> tight = old.allow() ? filter.rules() : old.rules();
    List<String> loose = old.allow() ? old.rules() : filter.rules();
    return tight.stream().allMatch(rule -> loose.stream().anyMatch(other -> implies(rule, other)));
  }

  /** Whether what matches one rule matches the other: it has all of its conditions. */
  private static boolean implies(String rule, String other) {
    return Arrays.asList(rule.split(" ")).containsAll(Arrays.asList(other.split(" ")));
  }

  /** Whether nothing matches both rules: they want different values of one attribute. */
  private static boolean contradicts(String rule, String other) {
    for (String condition : rule.split(" ")) {
      String name = condition.substring(0, condition.indexOf('=') + 1);
      for (String against : other.split(" ")) {
        boolean same = !name.equals("seals=") && against.startsWith(name);
        if (same && !against.equals(condition)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean matches(CallContext context, String rule, OpenFileDescription file) {
    for (String condition : rule.split(" ")) {
      int equals = condition.indexOf('=');
      if (!holds(context, condition.substring(0, equals), condition.substring(equals + 1), file)) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(
      CallContext context, String name, String value, OpenFileDescription file) {
    Inode inode = context.state().inodes.get(file.inode());
    boolean memfd = file.name().toString().startsWith("/memfd:");
    return switch (name) {
      case "memfd" -> memfd == !value.equals("0");
      case "ifmt" -> inode != null && (inode.mode() & Inode.S_IFMT) == number(value);
      case "access" -> (file.flags() & 3) == number(value);
      case "path" -> file.pathOnly() == !value.equals("0");
      case "fstype" -> memfd ? same("TMPFS_MAGIC", value) : magic(context, inode, value);
      case "seals" -> sealed(context, inode, value);
      default -> false;
    };
  }

  /** Whether a file has all of these seals. */
  private static boolean sealed(CallContext context, Inode inode, String value) {
    Seals seals = inode == null ? null : context.state().seals.get(inode.key());
    long wanted = 0;
    for (String one : value.split("\\|")) {
      wanted |= number(one);
    }
    return seals != null && (seals.bits() & wanted) == wanted;
  }

  private static boolean magic(CallContext context, Inode inode, String value) {
    Superblock superblock =
        inode == null ? null : context.state().superblocks.get(inode.superblock());
    return superblock != null && same(StatfsAnswer.magic(superblock.type().toString()), value);
  }

  /** Whether two magic numbers, by name or as numbers, are the same. */
  private static boolean same(String one, String other) {
    long value = number(one);
    return one.equals(other) || value >= 0 && value == number(other);
  }

  private static long number(String value) {
    Long constant = Constants.value(value);
    return constant != null ? constant : Arguments.number(value, -1);
  }

  /** The rules, each with its conditions in order; null if there is something else. */
  private static List<String> rules(String value) {
    Matcher list = RULES.matcher(value);
    if (!list.find()) {
      return null;
    }
    List<String> rules = new ArrayList<>();
    Matcher one = ONE.matcher(list.group(1));
    while (one.find()) {
      String[] conditions = one.group(1).trim().split(",\\s*");
      for (String condition : conditions) {
        int equals = condition.indexOf('=');
        if (equals < 0 || !NAMES.contains(condition.substring(0, equals))) {
          return null;
        }
      }
      Arrays.sort(conditions);
      rules.add(String.join(" ", conditions));
    }
    return rules;
  }

  private static String word(String value, String name) {
    Matcher matcher = Pattern.compile("\\b" + name + "=(\\w+)").matcher(value);
    return matcher.find() ? matcher.group(1) : "";
  }
}

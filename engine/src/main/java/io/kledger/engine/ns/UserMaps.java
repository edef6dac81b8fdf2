package io.kledger.engine.ns;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Openers;
import io.kledger.engine.file.ProcPlace;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.change.NamespaceChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.UserNamespace;
import io.kledger.kernel.ns.UserNamespace.IdExtent;
import io.kledger.kernel.task.Credentials;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;

/** Writes to /proc/PID/uid_map, gid_map and setgroups: kernel/user_namespace.c. */
public final class UserMaps {
  private static final int MAX_EXTENTS = 340;
  private static final int PAGE = 4096;

  private UserMaps() {}

  /** What a map or /proc/PID/setgroups shows to the reader; null if the file is none of these. */
  public static Bytes read(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Dentry name = state.dentries.get(file.place().dentry());
    String called = name == null ? "" : name.name().toString();
    boolean group = called.equals("gid_map");
    if (!group && !called.equals("uid_map") && !called.equals("setgroups")) {
      return null;
    }
    Task task = ProcPlace.task(context, name);
    UserNamespace user =
        task == null ? null : state.userNamespaces.get(task.credentials().userNs());
    if (user == null) {
      return null;
    }
    if (called.equals("setgroups")) {
      return Bytes.of(user.setgroupsAllowed() ? "allow\n" : "deny\n");
    }
    long parent = state.namespaces.require(user.key()).parent();
    if (parent == 0) {
      return Bytes.of("         0          0 4294967295\n");
    }
    long own = context.task().credentials().userNs();
    long reader = own == user.key() ? parent : own;
    StringBuilder text = new StringBuilder();
    for (UserNamespace.IdExtent extent : group ? user.gidMap() : user.uidMap()) {
      int outside = IdMap.toKernel(state, parent, extent.outside(), group);
      int shown = IdMap.fromKernel(state, reader, outside, group);
      text.append(
          "%10s %10s %10s\n"
              .formatted(
                  Integer.toUnsignedString(extent.inside()),
                  Integer.toUnsignedString(shown),
                  Integer.toUnsignedString(extent.count())));
    }
    return Bytes.of(text.toString());
  }

  /** The effect and result of a write; null if the file is none of these. */
  public static Result write(
      CallContext context, OpenFileDescription file, Bytes data, long offset) {
    KernelState state = context.state();
    Dentry name = state.dentries.get(file.place().dentry());
    String called = name == null ? "" : name.name().toString();
    boolean map = called.equals("uid_map") || called.equals("gid_map");
    if (!map && !called.equals("setgroups")) {
      return null;
    }
    Task task = ProcPlace.task(context, name);
    if (task == null) {
      return null;
    }
    UserNamespace user = state.userNamespaces.get(task.credentials().userNs());
    if (user == null) {
      return null;
    }
    if (offset > 0 && context.refuse("C7.4 pwrite")) {
      return context.fail(Errno.ESPIPE, "C7.4 pwrite");
    }
    Result refused =
        map
            ? map(context, file, user, data, called.equals("gid_map"))
            : setgroups(context, file, user, data);
    if (refused != null) {
      return refused;
    }
    context.emit(
        new FdChange.DescriptionChanged(file.withPosition(file.position() + data.length())));
    return Result.value(data.length());
  }

  private static Result fail(CallContext context, int errno, String rule) {
    return context.refuse(rule) ? context.fail(errno, rule) : null;
  }

  private static Result setgroups(
      CallContext context, OpenFileDescription file, UserNamespace user, Bytes data) {
    String text = data.latin1().strip();
    boolean allow = text.equals("allow");
    if (file.position() != 0 || !allow && !text.equals("deny")) {
      Result refused = fail(context, Errno.EINVAL, "C7.5 setgroups text");
      if (refused != null) {
        return refused;
      }
    }
    boolean fine = allow ? user.setgroupsAllowed() : user.gidMap().isEmpty();
    if (!fine) {
      Result refused = fail(context, Errno.EPERM, "C7.5 setgroups is settled");
      if (refused != null) {
        return refused;
      }
    }
    if (user.setgroupsAllowed() != allow) {
      context.emit(
          new NamespaceChange.UserChanged(
              new UserNamespace(
                  user.key(),
                  user.ownerUid(),
                  user.ownerGid(),
                  user.uidMap(),
                  user.gidMap(),
                  allow,
                  user.parentCouldSetFcap())));
    }
    return null;
  }

  /** map_write(). */
  private static Result map(
      CallContext context,
      OpenFileDescription file,
      UserNamespace user,
      Bytes data,
      boolean group) {
    KernelState state = context.state();
    if ((file.position() != 0 || data.length() >= PAGE) && context.refuse("C7.4 one write")) {
      return context.fail(Errno.EINVAL, "C7.4 one write");
    }
    List<IdExtent> old = group ? user.gidMap() : user.uidMap();
    if (!old.isEmpty() && context.refuse("C7.4 already written")) {
      return context.fail(Errno.EPERM, "C7.4 already written");
    }
    Credentials opened = Openers.credentials(context, file);
    boolean admin =
        !opened.known() || Capability.over(state, opened, user.key(), Capability.SYS_ADMIN);
    if (!admin && context.refuse("C7.4 CAP_SYS_ADMIN of the opener")) {
      return context.fail(Errno.EPERM, "C7.4 CAP_SYS_ADMIN of the opener");
    }
    List<IdExtent> extents = parse(data.latin1());
    if (extents == null) {
      Result refused = fail(context, Errno.EINVAL, "C7.4 malformed");
      return refused == null ? new Result.Unknown("what was mapped") : refused;
    }
    Namespace row = state.namespaces.require(user.key());
    Result refused = permitted(context, row, user, extents, opened, group);
    if (refused != null) {
      return refused;
    }
    context.emit(
        new NamespaceChange.UserChanged(
            new UserNamespace(
                user.key(),
                user.ownerUid(),
                user.ownerGid(),
                group ? user.uidMap() : extents,
                group ? extents : user.gidMap(),
                user.setgroupsAllowed(),
                user.parentCouldSetFcap())));
    return null;
  }

  /** The lines, or null if they are not well-formed, wrap around or overlap. */
  private static List<IdExtent> parse(String written) {
    // memdup_user_nul(): a byte of zero ends the text.
    int end = written.indexOf('\0');
    String text = end < 0 ? written : written.substring(0, end);
    List<IdExtent> extents = new ArrayList<>();
    for (String line : text.split("\n")) {
      String[] words = line.strip().split("\\s+");
      long[] numbers = new long[3];
      if (words.length != numbers.length) {
        return null;
      }
      for (int i = 0; i < numbers.length; i++) {
        if (words[i].isEmpty() || words[i].length() > 10 || !digits(words[i])) {
          return null;
        }
        numbers[i] = Long.parseLong(words[i]);
      }
      long limit = 0xffffffffL;
      boolean fits =
          numbers[2] > 0 && numbers[0] + numbers[2] <= limit && numbers[1] + numbers[2] <= limit;
      IdExtent extent = new IdExtent((int) numbers[0], (int) numbers[1], (int) numbers[2]);
      if (!fits || overlaps(extents, extent) || extents.size() == MAX_EXTENTS) {
        return null;
      }
      extents.add(extent);
    }
    return extents.isEmpty() ? null : extents;
  }

  private static boolean digits(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (!Character.isDigit(word.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean overlaps(List<IdExtent> extents, IdExtent one) {
    for (IdExtent other : extents) {
      if (meet(other.inside(), one.inside(), other.count(), one.count())
          || meet(other.outside(), one.outside(), other.count(), one.count())) {
        return true;
      }
    }
    return false;
  }

  private static boolean meet(int a, int b, int countA, int countB) {
    long first = Integer.toUnsignedLong(a);
    long second = Integer.toUnsignedLong(b);
    return first < second + Integer.toUnsignedLong(countB)
        && second < first + Integer.toUnsignedLong(countA);
  }

  /** new_idmap_permitted() and verify_root_map(). */
  private static Result permitted(
      CallContext context,
      Namespace row,
      UserNamespace user,
      List<IdExtent> extents,
      Credentials opened,
      boolean group) {
    KernelState state = context.state();
    Credentials writer = context.task().credentials();
    boolean related = writer.userNs() == row.key() || writer.userNs() == row.parent();
    if (!related && context.refuse("C7.4 writer's namespace")) {
      return context.fail(Errno.EPERM, "C7.4 writer's namespace");
    }
    boolean single = extents.size() == 1 && extents.getFirst().count() == 1;
    int outer = IdMap.toKernel(state, row.parent(), extents.getFirst().outside(), group);
    boolean own =
        single
            && user.ownerUid() == opened.euid()
            && (group
                ? !user.setgroupsAllowed() && outer == opened.egid()
                : outer == opened.euid());
    int capability = group ? Capability.SETGID : Capability.SETUID;
    boolean privileged =
        !writer.known()
            || Capability.over(state, writer, row.parent(), capability)
                && Capability.over(state, opened, row.parent(), capability);
    if (!own && !privileged && context.refuse("C7.4 who may map")) {
      return context.fail(Errno.EPERM, "C7.4 who may map");
    }
    for (IdExtent extent : extents) {
      int last = extent.outside() + extent.count() - 1;
      boolean mapped =
          IdMap.toKernel(state, row.parent(), extent.outside(), group) != IdMap.INVALID
              && IdMap.toKernel(state, row.parent(), last, group) != IdMap.INVALID;
      if (!mapped && context.refuse("C7.4 not mapped in the parent")) {
        return context.fail(Errno.EPERM, "C7.4 not mapped in the parent");
      }
    }
    return null;
  }
}

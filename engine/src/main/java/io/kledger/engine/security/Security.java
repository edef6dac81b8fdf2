package io.kledger.engine.security;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.security.LsmRule;
import io.kledger.kernel.task.Task;

/**
 * Asks the security policy. The first rule of a hook that matches and denies decides; rules that
 * allow decide nothing, as with stacked modules.
 */
public final class Security {
  private Security() {}

  /**
   * What a hook is asked about.
   *
   * @param place the file, through the mount that the caller came by; {@link Place#UNKNOWN} if the
   *     hook is about none
   * @param attrSet MOUNT_ATTR_ bits that the request sets
   * @param attrClr MOUNT_ATTR_ bits that it clears
   * @param propagation MS_ bits of the propagation asked for
   */
  public record Request(Place place, long attrSet, long attrClr, long propagation) {
    /** About a file. */
    public static Request of(Place place) {
      return new Request(place, 0, 0, 0);
    }

    /** About nothing but the caller. */
    public static Request ofCaller() {
      return of(Place.UNKNOWN);
    }
  }

  /** 0 if the policy allows; else the error to return. A denial is noticed. */
  public static int check(CallContext context, String hook, Request request) {
    KernelState state = context.state();
    if (state.lsmRules.size() == 0) {
      return 0;
    }
    for (LsmRule rule : state.lsmRules.rows()) {
      if (rule.errno() != 0 && rule.hook().equals(hook) && matches(context, rule, request)) {
        context.notice(
            "security.deny", "hook", hook, "pid", Integer.toString(context.task().tid()));
        return rule.errno();
      }
    }
    return 0;
  }

  private static boolean matches(CallContext context, LsmRule rule, Request request) {
    for (String condition : rule.conditions()) {
      int equals = condition.indexOf('=');
      String name = condition.substring(0, equals);
      if (!holds(context, name, condition.substring(equals + 1), request)) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(CallContext context, String name, String value, Request request) {
    KernelState state = context.state();
    Task task = context.task();
    return switch (name) {
      case "tid" -> value.equals(Integer.toString(task.tid()));
      case "uid" -> value.equals(Integer.toUnsignedString(task.credentials().euid()));
      case "comm" -> task.comm().equals(Bytes.of(value));
      case "path" ->
          request.place().dentry() != 0
              && Glob.matches(value, PathText.fromTop(state, request.place()).latin1());
      case "mount" -> {
        Mount mount = state.mounts.get(request.place().mount());
        yield mount != null
            && Glob.matches(
                value, PathText.fromTop(state, new Place(mount.key(), mount.root())).latin1());
      }
      case "fstype" -> {
        Superblock superblock = superblock(state, request.place());
        yield superblock != null && superblock.type().equals(Bytes.of(value));
      }
      case "dev" -> {
        Superblock superblock = superblock(state, request.place());
        yield superblock != null && value.equals(superblock.major() + ":" + superblock.minor());
      }
      case "attr_set" -> (request.attrSet() & constant(value)) != 0;
      case "attr_clr" -> (request.attrClr() & constant(value)) != 0;
      case "propagation" -> (request.propagation() & constant(value)) != 0;
      default -> false;
    };
  }

  private static Superblock superblock(KernelState state, Place place) {
    Mount mount = state.mounts.get(place.mount());
    return mount == null ? null : state.superblocks.get(mount.superblock());
  }

  private static long constant(String name) {
    Long value = io.kledger.abi.Constants.value(name);
    return value == null ? 0 : value;
  }
}

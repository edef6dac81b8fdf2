package io.kledger.engine.task;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Clone3Call;
import io.kledger.event.avro.CloneArgs;
import io.kledger.event.avro.CloneCall;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Raw;
import java.util.List;

/**
 * The arguments of the clone family in one form (struct kernel_clone_args).
 *
 * @param name of the call
 * @param clone3 null unless it is clone3(2)
 * @param size of its argument
 * @param shownPidfd the number that the trace shows for CLONE_PIDFD, -1 if none
 */
public record CloneRequest(
    String name, long flags, int signal, CloneArgs clone3, long size, int shownPidfd) {
  /**
   * The low byte is the signal; clone3 has CLONE_NEWTIME there, and no room for signals above 64.
   */
  private static final long CSIGNAL = 0xff;

  public boolean has(long flag) {
    return (flags & flag) != 0;
  }

  /** Flags and signal together, as {@link io.kledger.kernel.task.PendingCall} keeps them. */
  public long combined() {
    return flags | signal & (clone3 == null ? CSIGNAL : CSIGNAL >> 1);
  }

  public static CloneRequest fork() {
    return new CloneRequest("fork", 0, Signals.CHLD, null, 0, -1);
  }

  public static CloneRequest vfork() {
    return new CloneRequest("vfork", CloneFlags.VFORK | CloneFlags.VM, Signals.CHLD, null, 0, -1);
  }

  public static CloneRequest of(CloneCall call) {
    long flags = call.getFlags() & 0xffffffffL;
    return new CloneRequest(
        "clone",
        flags & ~CSIGNAL,
        (int) (flags & CSIGNAL),
        null,
        0,
        shown(call.getPidfd(), call.getParentTid()));
  }

  public static CloneRequest of(Clone3Call call) {
    CloneArgs args = call.getArgs() == null ? new CloneArgs() : call.getArgs();
    List<Fd> pidfd = call.getOut() == null ? null : call.getOut().getPidfd();
    return new CloneRequest(
        "clone3",
        args.getFlags(),
        (int) args.getExitSignal(),
        args,
        call.getSize(),
        shown(pidfd, null));
  }

  /** clone(2) writes the pidfd where parent_tid points: `parent_tid=[3]`. */
  private static int shown(List<Fd> pidfd, Raw parentTid) {
    if (pidfd != null && !pidfd.isEmpty()) {
      return pidfd.getFirst().getNumber();
    }
    if (parentTid == null) {
      return -1;
    }
    String text = Bytes.of(parentTid.getText()).latin1();
    int value = 0;
    int digits = 0;
    for (int i = text.indexOf('[') + 1; i > 0 && i < text.length(); i++, digits++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || digits > 8) {
        break;
      }
      value = value * 10 + digit;
    }
    return digits == 0 ? -1 : value;
  }
}

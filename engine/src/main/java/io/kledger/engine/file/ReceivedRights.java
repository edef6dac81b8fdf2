package io.kledger.engine.file;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.security.Security;
import io.kledger.engine.task.PidNumbers;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.SocketMessage;
import io.kledger.kernel.path.PathText;
import io.kledger.kernel.task.Task;
import java.util.ArrayList;
import java.util.List;

/** Descriptors that came in a message: scm_detach_fds(). */
public final class ReceivedRights {
  private ReceivedRights() {}

  /**
   * Installs what a trace shows, under the numbers it shows. Where the message is not in the
   * ledger, the annotations tell what the descriptors are.
   */
  public static void install(
      CallContext context, UnixQueue.Received received, List<Fd> shown, boolean cloexec) {
    for (int i = 0; i < shown.size(); i++) {
      Fd fd = shown.get(i);
      long file;
      if (i < received.rights().size()) {
        file = received.rights().get(i);
      } else if (sent(context, FdTables.target(fd)) != 0) {
        file = sent(context, FdTables.target(fd));
      } else {
        OpenFileDescription told = FdInference.describe(context, FdTables.target(fd));
        context.emit(new FdChange.Opened(told));
        file = told.key();
      }
      pass(context, received, fd.getNumber(), file, cloexec);
    }
  }

  /**
   * The one file that another task has open and that the trace prints alike: its sender's call may
   * be printed only after that of the receiver. Of those at `/`, the root of a detached tree. 0 if
   * there is none, or a choice.
   */
  private static long sent(CallContext context, Bytes target) {
    KernelState state = context.state();
    if (target == null) {
      return 0;
    }
    boolean top = target.equals(Bytes.of("/"));
    long found = 0;
    for (OpenFileDescription file : state.descriptions.rows()) {
      boolean alike =
          top
              ? file.ownsMount() != 0
              : file.place().known() && PathText.fromTop(state, file.place()).equals(target);
      if (!alike || !heldElsewhere(context, file)) {
        continue;
      }
      if (found != 0) {
        return 0;
      }
      found = file.key();
    }
    return found;
  }

  private static boolean heldElsewhere(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    for (long key : state.fdsByDescription.keys(file.key())) {
      if (state.fds.require(key).table() != context.task().files()) {
        return true;
      }
    }
    return false;
  }

  /**
   * What became of the descriptors of a message.
   *
   * @param slots of the array that is delivered: numbers, or negative errors
   * @param cut whether the array is not whole: MSG_CTRUNC
   * @param denied whether the policy denied one: MSG_RIGHTS_DENIAL, where that is known
   */
  public record Delivered(List<Fd> slots, boolean cut, boolean denied) {}

  /**
   * Installs descriptions under the lowest free numbers, in order, until one fails: the policy
   * (hook file_receive), the limit, or the room. With SO_RIGHTS_NOTRUNC a denial takes its slot as
   * a negative error and the others keep their places.
   *
   * @param whole whether denied ones keep their slots: SO_RIGHTS_NOTRUNC, MSG_RIGHTS_FILTER
   * @param room how many slots fit
   */
  public static Delivered deliver(
      CallContext context, UnixQueue.Received received, boolean whole, int room, boolean cloexec) {
    List<Fd> slots = new ArrayList<>();
    int denied = 0;
    boolean withheld = false;
    for (long file : received.rights()) {
      if (slots.size() >= room) {
        return told(context, slots, true, denied);
      }
      int errno = file < 0 ? (int) -file : denial(context, file);
      if (errno != 0 && whole) {
        slots.add(number(-errno));
        denied++;
      } else if (file < 0) {
        withheld = true;
      } else {
        int number = FdTables.lowestFree(context.state(), context.task().files(), 0);
        if (errno != 0 || number >= Limits.files(context)) {
          return told(context, slots, true, errno != 0 ? denied + 1 : denied);
        }
        pass(context, received, number, file, cloexec);
        slots.add(number(number));
      }
    }
    return told(context, slots, withheld, denied);
  }

  private static Delivered told(CallContext context, List<Fd> slots, boolean cut, int denied) {
    if (denied > 0) {
      context.notice(
          "socket.rights_denied",
          "pid",
          Integer.toString(context.task().tid()),
          "count",
          Integer.toString(denied));
    }
    return new Delivered(slots, cut, denied > 0);
  }

  /**
   * What the policy (security_file_receive()) says to a description: an errno, 0 if it may come.
   */
  public static int denial(CallContext context, long file) {
    OpenFileDescription description = context.state().descriptions.get(file);
    return description == null
        ? 0
        : Security.check(context, "file_receive", Security.Request.of(description.place()));
  }

  private static Fd number(int number) {
    return Fd.newBuilder().setNumber(number).build();
  }

  private static void pass(
      CallContext context, UnixQueue.Received received, int number, long file, boolean cloexec) {
    long table = context.task().files();
    FdSlot old = context.state().fd(table, number);
    if (old != null) {
      FilePut.close(context, old);
    }
    SocketMessage message = received.message();
    FdSlot slot =
        new FdSlot(FdSlot.key(table, number), table, number, file, cloexec, context.position());
    context.emit(
        new FdChange.Passed(slot, context.taskKey(), message == null ? 0 : message.task()));
    context.emit(new FdChange.Installed(slot, context.taskKey()));
    trail(context, message, slot);
  }

  /** The sender's own descriptor, if it still has one, tells where this one comes from. */
  private static void trail(CallContext context, SocketMessage message, FdSlot slot) {
    Task sender = message == null ? null : context.state().tasks.get(message.task());
    if (sender == null || sender.files() == 0 || sender.files() == slot.table()) {
      return;
    }
    for (long key : context.state().fdsByDescription.keys(slot.description())) {
      FdSlot from = context.state().fds.require(key);
      if (from.table() == sender.files()) {
        FdTrails.derived(context, from, slot.fd());
        return;
      }
    }
  }

  /** SCM_PIDFD: a pidfd of the sender, at a number or (-1) at the lowest free one. */
  public static int pidfd(CallContext context, UnixQueue.Received received, int shown) {
    KernelState state = context.state();
    long table = context.task().files();
    int number = shown >= 0 ? shown : FdTables.lowestFree(state, table, 0);
    if (shown < 0 && number >= Limits.files(context)) {
      return -Errno.EMFILE;
    }
    long pid = received.message() == null ? 0 : received.message().pid();
    OpenFileDescription file =
        Files.object(context, FileKind.PIDFD, pid, "anon_inode:[pidfd]", 0, OpenFlags.RDWR);
    FdTables.place(context, number, file.key(), true);
    return number;
  }

  /** The message is gone: what was not installed is released. */
  public static void put(CallContext context, UnixQueue.Received received) {
    for (long file : received.rights()) {
      if (file > 0) {
        FilePut.put(context, file);
      }
    }
    if (received.message() != null) {
      PidNumbers.dropIfUnused(context, received.message().pid());
    }
  }
}

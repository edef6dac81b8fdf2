package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.avro.Fd;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.SocketMessage;
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
      } else {
        OpenFileDescription told = FdInference.describe(context, FdTables.target(fd));
        context.emit(new FdChange.Opened(told));
        file = told.key();
      }
      pass(context, received, fd.getNumber(), file, cloexec);
    }
  }

  /** Installs the first descriptions under the lowest free numbers. */
  public static List<Fd> installFirst(
      CallContext context, UnixQueue.Received received, int count, boolean cloexec) {
    List<Fd> fds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = FdTables.lowestFree(context.state(), context.task().files(), 0);
      if (number >= Limits.files(context)) {
        break;
      }
      pass(context, received, number, received.rights().get(i), cloexec);
      fds.add(Fd.newBuilder().setNumber(number).build());
    }
    return fds;
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
    long pid = received.message() == null ? 0 : received.message().pid();
    OpenFileDescription file =
        Files.object(context, FileKind.PIDFD, pid, "anon_inode:[pidfd]", 0, OpenFlags.RDWR);
    FdTables.place(context, number, file.key(), true);
    return number;
  }

  /** The message is gone: what was not installed is released. */
  public static void put(CallContext context, UnixQueue.Received received) {
    for (long file : received.rights()) {
      FilePut.put(context, file);
    }
  }
}

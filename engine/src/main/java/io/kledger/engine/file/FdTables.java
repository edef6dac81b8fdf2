package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FdSlot;
import io.kledger.kernel.file.FdTable;
import io.kledger.kernel.file.OpenFileDescription;

/** Tables of descriptors (fs/file.c). */
public final class FdTables {
  private FdTables() {}

  /** What is behind a number. */
  public sealed interface Lookup {}

  /** It is open. */
  public record Open(FdSlot slot, OpenFileDescription description) implements Lookup {}

  /** It is not open. */
  public record NotOpen() implements Lookup {
    private static final NotOpen IT = new NotOpen();
  }

  /** The log has not shown whether it is open. */
  public record NotSeen() implements Lookup {
    private static final NotSeen IT = new NotSeen();
  }

  /**
   * fdget_raw(): the calling task's descriptor. One that the log has not shown is inferred if the trace
   * annotates it (then it was open), or if the kernel is known to have accepted it.
   */
  public static Lookup get(CallContext context, Fd fd) {
    return get(context, context.task().files(), fd.getNumber(), target(fd));
  }

  /** As {@link #get(CallContext, Fd)}, for a number without annotation. */
  public static Lookup get(CallContext context, int number) {
    return get(context, context.task().files(), number, null);
  }

  private static Lookup get(CallContext context, long tableKey, int number, Bytes target) {
    KernelState state = context.state();
    FdSlot slot = state.fd(tableKey, number);
    if (slot != null) {
      return new Open(slot, state.descriptions.require(slot.description()));
    }
    if (number < 0) {
      return NotOpen.IT;
    }
    FdTable table = state.fdTables.get(tableKey);
    boolean complete = table == null || table.complete();
    if (target != null || context.assuming()) {
      slot = FdInference.infer(context, tableKey, number, target);
      return new Open(slot, state.descriptions.require(slot.description()));
    }
    return complete ? NotOpen.IT : NotSeen.IT;
  }

  /** What -y or -yy printed behind the number; null if nothing. */
  public static Bytes target(Fd fd) {
    return fd.getTarget() == null ? null : Bytes.of(fd.getTarget());
  }
}

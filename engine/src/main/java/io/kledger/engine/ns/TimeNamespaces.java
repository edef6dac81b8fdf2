package io.kledger.engine.ns;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Openers;
import io.kledger.engine.file.ProcPlace;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.TimeOffsets;
import io.kledger.kernel.task.Task;

/** Offsets of clocks: /proc/PID/timens_offsets, kernel/time/namespace.c. */
public final class TimeNamespaces {
  private static final Bytes PROC = Bytes.of("proc");
  private static final String FILE = "timens_offsets";
  private static final int SYS_TIME = 25;
  private static final int PAGE = 4096;
  private static final int MOST = 2;
  private static final long SECOND = 1_000_000_000L;

  /** KTIME_SEC_MAX. */
  private static final long MOST_SECONDS = Long.MAX_VALUE / SECOND;

  private TimeNamespaces() {}

  /** Offset of CLOCK_MONOTONIC as the calling task sees it, nanoseconds. */
  public static long monotonic(CallContext context) {
    TimeOffsets row = context.state().timeOffsets.get(context.task().namespaces().time());
    return row == null ? 0 : row.monotonic();
  }

  /** Offset of CLOCK_BOOTTIME as the calling task sees it, nanoseconds. */
  public static long boottime(CallContext context) {
    TimeOffsets row = context.state().timeOffsets.get(context.task().namespaces().time());
    return row == null ? 0 : row.boottime();
  }

  /** The namespace that the children of a process will be in, if the file is about it; or null. */
  private static Namespace about(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Dentry name = state.dentries.get(file.place().dentry());
    boolean mine =
        name != null
            && name.name().latin1().equals(FILE)
            && state.superblocks.require(name.superblock()).type().equals(PROC);
    Task task = mine ? ProcPlace.task(context, name) : null;
    return task == null ? null : state.namespaces.get(task.namespaces().timeForChildren());
  }

  /** proc_timens_show_offsets(); null if the file is another one. */
  public static Bytes read(CallContext context, OpenFileDescription file) {
    Namespace namespace = about(context, file);
    if (namespace == null) {
      return null;
    }
    TimeOffsets row = context.state().timeOffsets.get(namespace.key());
    return Bytes.of(
        line("monotonic", row == null ? 0 : row.monotonic())
            + line("boottime", row == null ? 0 : row.boottime()));
  }

  private static String line(String clock, long offset) {
    return "%-10s %10d %9d%n"
        .formatted(clock, Math.floorDiv(offset, SECOND), Math.floorMod(offset, SECOND))
        .replace("\r", "");
  }

  /** timens_offsets_write(); null if the file is another one. */
  public static Result write(CallContext context, OpenFileDescription file, Bytes data) {
    Namespace namespace = about(context, file);
    if (namespace == null) {
      return null;
    }
    KernelState state = context.state();
    TimeOffsets old = state.timeOffsets.get(namespace.key());
    TimeOffsets offsets = old == null ? new TimeOffsets(namespace.key(), 0, 0) : old;
    String[] lines = data.latin1().strip().split("\n");
    boolean shape = file.position() == 0 && data.length() < PAGE && lines.length <= MOST;
    boolean range = true;
    for (int i = 0; shape && i < lines.length; i++) {
      long[] one = offset(lines[i]);
      shape = one != null;
      if (shape) {
        range &= Math.abs(one[1]) <= MOST_SECONDS && reasonable(context.now(), one);
        long nanos = range ? one[1] * SECOND + one[2] : 0;
        offsets =
            one[0] == 1
                ? new TimeOffsets(namespace.key(), nanos, offsets.boottime())
                : new TimeOffsets(namespace.key(), offsets.monotonic(), nanos);
      }
    }
    if (!shape && context.refuse("timens_offsets: text")) {
      return context.fail(Errno.EINVAL, "timens_offsets: text");
    }
    boolean may =
        Capability.over(state, Openers.credentials(context, file), namespace.owner(), SYS_TIME);
    if (!may && context.refuse("timens_offsets: CAP_SYS_TIME")) {
      return context.fail(Errno.EPERM, "timens_offsets: CAP_SYS_TIME");
    }
    if (!range && context.refuse("timens_offsets: range")) {
      return context.fail(Errno.ERANGE, "timens_offsets: range");
    }
    if (frozen(state, namespace) && context.refuse("timens_offsets: in use")) {
      return context.fail(Errno.EACCES, "timens_offsets: in use");
    }
    if (!offsets.equals(old)) {
      context.put(Tables.TIME_OFFSETS, offsets);
    }
    return Result.value(data.length());
  }

  /** The clock must stay above 0 and below half of what a time can be. */
  private static boolean reasonable(long now, long[] offset) {
    long seconds = Math.floorDiv(now, SECOND) + offset[1];
    return seconds >= 0 && seconds <= MOST_SECONDS / 2;
  }

  /** The initial one, or one that has had a task. */
  private static boolean frozen(KernelState state, Namespace namespace) {
    if (namespace.inode() == NamespaceRows.initialInode(namespace.kind())) {
      return true;
    }
    for (Task task : state.tasks.rows()) {
      if (task.namespaces().time() == namespace.key()) {
        return true;
      }
    }
    return false;
  }

  /** Clock, seconds and nanoseconds of a line; null if it is malformed. */
  private static long[] offset(String line) {
    String[] words = line.strip().split("\\s+");
    if (words.length != 3) {
      return null;
    }
    int clock =
        switch (words[0]) {
          case "monotonic", "1" -> 1;
          case "boottime", "7" -> 7;
          default -> 0;
        };
    try {
      long nanos = Long.parseLong(words[2]);
      return clock == 0 || nanos < 0 || nanos >= SECOND
          ? null
          : new long[] {clock, Long.parseLong(words[1]), nanos};
    } catch (NumberFormatException e) {
      return null;
    }
  }
}

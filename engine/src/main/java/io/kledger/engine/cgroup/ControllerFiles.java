package io.kledger.engine.cgroup;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Dcache;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.cgroup.Cgroup;
import io.kledger.kernel.cgroup.CgroupLimit;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import java.util.List;

/**
 * The files of controllers in the cgroups whose parent has them enabled (css_populate_dir()), and
 * what may be written to them. The ledger holds limits and does not account: of the files that
 * count, only those of the pids controller can be read.
 */
final class ControllerFiles {
  private static final int READ_ONLY = Inode.S_IFREG | 0444;
  private static final int READ_WRITE = Inode.S_IFREG | 0644;
  private static final int WRITE_ONLY = Inode.S_IFREG | 0200;
  private static final long PAGE = 4096;

  /** PID_MAX_LIMIT + 1. */
  private static final long PIDS_MAX = (4L << 20) + 1;

  /** What a file takes. */
  private enum Takes {
    NOTHING,
    PIDS,
    BYTES,
    SWITCH,
    WEIGHT,
    DEFAULT_WEIGHT,
    BANDWIDTH,
    UNJUDGED
  }

  /**
   * A file.
   *
   * @param initial what a new cgroup's shows; null = the ledger does not know
   */
  private record File(String controller, String name, int mode, Takes takes, String initial) {}

  private static File shown(String controller, String name) {
    return new File(controller, name, READ_ONLY, Takes.NOTHING, null);
  }

  private static File limit(String controller, String name, Takes takes, String initial) {
    return new File(controller, name, READ_WRITE, takes, initial);
  }

  private static final List<File> FILES =
      List.of(
          shown("pids", PidsController.CURRENT),
          shown("pids", PidsController.EVENTS),
          shown("pids", PidsController.LOCAL),
          limit("pids", PidsController.MAX, Takes.PIDS, "max"),
          shown("pids", "pids.peak"),
          limit("memory", "memory.min", Takes.BYTES, "0"),
          limit("memory", "memory.low", Takes.BYTES, "0"),
          limit("memory", "memory.high", Takes.BYTES, "max"),
          limit("memory", "memory.max", Takes.BYTES, "max"),
          limit("memory", "memory.oom.group", Takes.SWITCH, "0"),
          limit("memory", "memory.swap.high", Takes.BYTES, "max"),
          limit("memory", "memory.swap.max", Takes.BYTES, "max"),
          limit("memory", "memory.peak", Takes.UNJUDGED, null),
          shown("memory", "memory.current"),
          shown("memory", "memory.events"),
          shown("memory", "memory.events.local"),
          shown("memory", "memory.numa_stat"),
          shown("memory", "memory.stat"),
          shown("memory", "memory.swap.current"),
          shown("memory", "memory.swap.events"),
          new File("memory", "memory.reclaim", WRITE_ONLY, Takes.UNJUDGED, null),
          limit("cpu", "cpu.idle", Takes.SWITCH, "0"),
          limit("cpu", "cpu.max", Takes.BANDWIDTH, "max 100000"),
          limit("cpu", "cpu.max.burst", Takes.UNJUDGED, "0"),
          limit("cpu", "cpu.weight", Takes.WEIGHT, "100"),
          limit("cpu", "cpu.weight.nice", Takes.UNJUDGED, "0"),
          limit("io", "io.max", Takes.UNJUDGED, ""),
          limit("io", "io.weight", Takes.DEFAULT_WEIGHT, "default 100"),
          shown("io", "io.stat"),
          limit("cpuset", "cpuset.cpus", Takes.UNJUDGED, ""),
          limit("cpuset", "cpuset.cpus.partition", Takes.UNJUDGED, "member"),
          limit("cpuset", "cpuset.mems", Takes.UNJUDGED, ""),
          shown("cpuset", "cpuset.cpus.effective"),
          shown("cpuset", "cpuset.mems.effective"));

  private ControllerFiles() {}

  /** What a cgroup's file holds if anything was written to it; else null. */
  static CgroupLimit row(KernelState state, long cgroup, String file) {
    Bytes name = Bytes.of(file);
    for (long key : state.cgroupLimitsByCgroup.keys(cgroup)) {
      CgroupLimit row = state.cgroupLimits.require(key);
      if (row.file().equals(name)) {
        return row;
      }
    }
    return null;
  }

  /** A cgroup's directory gets the files of these controllers. */
  static void added(CallContext context, long directory, List<Bytes> controllers) {
    KernelState state = context.state();
    Dentry at = state.dentries.require(directory);
    Inode inode = state.inodes.require(at.inode());
    for (File file : FILES) {
      if (controllers.contains(Bytes.of(file.controller()))
          && state.child(directory, Bytes.of(file.name())) == null) {
        CgroupFs.addFile(context, directory, file.name(), file.mode(), inode);
      }
    }
  }

  /** The controllers of the cgroups below are others: files come and go, limits with them. */
  static void switched(CallContext context, Cgroup parent, List<Bytes> controllers) {
    KernelState state = context.state();
    for (long key : state.cgroupsByParent.keys(parent.key())) {
      Cgroup child = state.cgroups.require(key);
      for (long directory : state.dentriesByInode.keys(child.directory())) {
        if (child.directory() != 0 && !child.removed()) {
          removed(context, child, directory, controllers);
          added(context, directory, controllers);
        }
      }
    }
  }

  private static void removed(
      CallContext context, Cgroup cgroup, long directory, List<Bytes> controllers) {
    KernelState state = context.state();
    for (File file : FILES) {
      if (controllers.contains(Bytes.of(file.controller()))) {
        continue;
      }
      Dentry name = state.child(directory, Bytes.of(file.name()));
      if (name != null && name.inode() != 0) {
        Dcache.unlink(context, name);
      }
      CgroupLimit row = row(state, cgroup.key(), file.name());
      if (row != null) {
        context.remove(Tables.CGROUP_LIMITS, row.key());
      }
    }
  }

  /** The cgroup is removed. */
  static void forget(CallContext context, long cgroup) {
    for (long key : context.state().cgroupLimitsByCgroup.keys(cgroup)) {
      context.remove(Tables.CGROUP_LIMITS, key);
    }
  }

  private static File file(String name) {
    for (File file : FILES) {
      if (file.name().equals(name)) {
        return file;
      }
    }
    return null;
  }

  /** The line of a file; null if the ledger does not know it. */
  static List<String> lines(KernelState state, Cgroup cgroup, String name) {
    File file = file(name);
    Cgroup parent = state.cgroups.get(cgroup.parent());
    if (file == null
        || parent == null
        || !parent.subtreeControl().contains(Bytes.of(file.controller()))) {
      return null;
    }
    if (file.takes() == Takes.NOTHING) {
      boolean counted =
          name.equals(PidsController.CURRENT)
              || name.equals(PidsController.EVENTS)
              || name.equals(PidsController.LOCAL);
      return counted ? PidsController.lines(state, cgroup, name) : null;
    }
    CgroupLimit row = row(state, cgroup.key(), name);
    String value = row == null ? file.initial() : row.value().toString();
    return value == null ? null : value.isEmpty() ? List.of() : List.of(value);
  }

  /** Writes to a controller's file; null if it is done. */
  static Result write(CallContext context, Cgroup cgroup, String name, String text) {
    File file = file(name);
    if (file == null || file.takes() == Takes.UNJUDGED || file.takes() == Takes.NOTHING) {
      return new Result.Unknown("this control file is not modelled");
    }
    String value = value(context.state(), cgroup, file, text);
    if (value.startsWith("-")) {
      int errno = Integer.parseInt(value.substring(1));
      if (context.refuse("C9 controller file")) {
        return context.fail(errno, "C9 controller file");
      }
      return null;
    }
    CgroupLimit old = row(context.state(), cgroup.key(), name);
    String before = old == null ? file.initial() : old.value().toString();
    if (!value.equals(before)) {
      context.put(
          Tables.CGROUP_LIMITS,
          new CgroupLimit(
              old == null ? context.newKey() : old.key(),
              cgroup.key(),
              Bytes.of(name),
              Bytes.of(value)));
      CgroupWrites.limited(context, cgroup, name, value);
    }
    return null;
  }

  /** What the file will show, or a minus sign and an error number. */
  private static String value(KernelState state, Cgroup cgroup, File file, String text) {
    return switch (file.takes()) {
      case PIDS -> {
        Long number = text.equals("max") ? null : CgroupWrites.number(text);
        boolean fine = number != null && number >= 0 && number < PIDS_MAX;
        yield text.equals("max") ? "max" : fine ? number.toString() : "-" + Errno.EINVAL;
      }
      case BYTES -> {
        Long bytes = text.equals("max") ? null : Coredumps.bytes(text);
        yield text.equals("max")
            ? "max"
            : bytes == null || bytes < 0 ? "-" + Errno.EINVAL : Long.toString(bytes / PAGE * PAGE);
      }
      case SWITCH -> text.equals("0") || text.equals("1") ? text : "-" + Errno.EINVAL;
      case WEIGHT -> {
        CgroupLimit idle = row(state, cgroup.key(), "cpu.idle");
        boolean none = idle != null && idle.value().equals(Bytes.of("1"));
        yield none ? "-" + Errno.EINVAL : weight(text);
      }
      case DEFAULT_WEIGHT -> {
        String weight = weight(text.startsWith("default ") ? text.substring(8).strip() : text);
        yield weight.startsWith("-") ? "-" + Errno.EINVAL : "default " + weight;
      }
      case BANDWIDTH -> bandwidth(state, cgroup, text);
      case NOTHING, UNJUDGED -> "-" + Errno.EINVAL;
    };
  }

  /** CGROUP_WEIGHT_MIN to CGROUP_WEIGHT_MAX. */
  private static String weight(String text) {
    Long number = CgroupWrites.number(text);
    if (number == null || number < 0) {
      return "-" + Errno.EINVAL;
    }
    return number < 1 || number > 10_000 ? "-" + Errno.ERANGE : number.toString();
  }

  /** cpu_period_quota_parse() and tg_set_bandwidth(): microseconds, each at least 1 ms. */
  private static String bandwidth(KernelState state, Cgroup cgroup, String text) {
    String[] words = text.split("\\s+");
    CgroupLimit old = row(state, cgroup.key(), "cpu.max");
    String before = old == null ? "max 100000" : old.value().toString();
    Long period =
        CgroupWrites.number(
            words.length > 1 ? words[1] : before.substring(before.indexOf(' ') + 1));
    Long quota =
        words[0].equals("max") ? Long.valueOf(Long.MAX_VALUE) : CgroupWrites.number(words[0]);
    boolean fine =
        period != null && quota != null && period >= 1000 && period <= 1_000_000 && quota >= 1000;
    return fine ? words[0] + " " + period : "-" + Errno.EINVAL;
  }
}

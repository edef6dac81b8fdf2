package io.kledger.engine.mount;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.Machine;

/** Limits of the machine that concern mounts. */
final class Limits {
  private static final long MOUNT_MAX = 100_000;
  private static final String NAME = "fs.mount-max=";

  private Limits() {}

  /** fs.mount-max: mounts in one namespace. */
  static long mountMax(KernelState state) {
    Machine machine = state.machine.get(1);
    if (machine != null) {
      for (String setting : machine.settings()) {
        if (setting.startsWith(NAME)) {
          return Long.parseLong(setting.substring(NAME.length()));
        }
      }
    }
    return MOUNT_MAX;
  }
}

package io.kledger.engine.observe;

import io.kledger.engine.SyscallTable;
import io.kledger.engine.mount.MountObservation;
import io.kledger.event.avro.CgroupObserved;
import io.kledger.event.avro.MountsObserved;
import io.kledger.event.avro.TaskObserved;

/** Events that tell what /proc showed. */
public final class Observations {
  private Observations() {}

  public static void register(SyscallTable.Builder table) {
    table.body(TaskObserved.class, TaskObservation::handle);
    table.body(MountsObserved.class, MountObservation::observed);
    table.body(CgroupObserved.class, CgroupObservation::handle);
  }
}

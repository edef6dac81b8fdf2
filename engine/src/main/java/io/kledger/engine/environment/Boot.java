package io.kledger.engine.environment;

import io.kledger.engine.CallContext;
import io.kledger.event.avro.Environment;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.Machine;
import io.kledger.kernel.Tables;
import io.kledger.store.Table;
import java.util.List;

/**
 * {@code @boot ID}: what follows is of the boot with this id ({@code
 * /proc/sys/kernel/random/boot_id}). Another one than before: the machine has started anew, and
 * nothing of what was is left. Keys of rows go on, so that those of two boots are never taken for
 * each other; numbers that the kernel gives begin again.
 */
final class Boot {
  private static final String SETTING = "boot_id=";

  private Boot() {}

  static void boot(CallContext context, Environment body) {
    String id = new Words(body).word(0);
    Machine old = MachineEvents.machine(context);
    if (old.settings().contains(SETTING + id)) {
      return;
    }
    for (Table<?> table : context.state().tables().all()) {
      if (survives(table)) {
        continue;
      }
      for (long key : table.keys()) {
        context.remove(table.id(), key);
      }
    }
    for (CounterId counter : CounterId.values()) {
      if (!ofKeys(counter) && context.state().counters.get(counter.key()) != null) {
        context.remove(Tables.COUNTERS, counter.key());
      }
    }
    context.put(
        Tables.MACHINE,
        new Machine(
            1,
            old.profile(),
            old.featuresOn(),
            old.featuresOff(),
            // A model machine is made by an event of its own.
            false,
            old.host(),
            old.modelVersion(),
            List.of(SETTING + id)));
    context.notice("machine.boot", "id", id);
  }

  private static boolean survives(Table<?> table) {
    return table.id() == Tables.COUNTERS
        || table.id() == Tables.MACHINE
        || table.id() == Tables.NOTICES;
  }

  private static boolean ofKeys(CounterId counter) {
    return counter == CounterId.KEY
        || counter == CounterId.ORDER
        || counter == CounterId.FRONT_ORDER;
  }
}

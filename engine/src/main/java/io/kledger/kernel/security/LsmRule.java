package io.kledger.kernel.security;

import io.kledger.store.Row;
import java.util.List;

/**
 * A rule of a security policy: what an LSM answers at a hook.
 *
 * @param hook name of the hook of include/linux/lsm_hook_defs.h, or of a proposed one
 * @param errno what it denies with; 0 = it allows
 * @param conditions {@code name=value}, all of which must hold, in the order written
 */
public record LsmRule(long key, String hook, int errno, List<String> conditions) implements Row {
  public LsmRule {
    conditions = List.copyOf(conditions);
  }
}

package io.kledger.kernel.block;

import io.kledger.store.Row;

/**
 * A loaded device-cgroup program, or one attached to a cgroup.
 *
 * @param program key of the {@link DeviceProgram}
 * @param guard proposed: BPF_F_CGROUP_DEVICE_GUARD
 * @param cgroup key of the cgroup that it is attached to, 0 if it is only loaded
 * @param flags of the attachment: BPF_F_ALLOW_OVERRIDE, BPF_F_ALLOW_MULTI
 */
public record DevicePolicy(long key, long program, boolean guard, long cgroup, long flags)
    implements Row {}

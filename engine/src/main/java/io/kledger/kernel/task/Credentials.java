package io.kledger.kernel.task;

import java.util.List;

/**
 * struct cred. Ids are those of the initial user namespace (kuid_t); a view maps them.
 *
 * @param userNs key of the user namespace that the capabilities belong to
 * @param known false if the values are assumed, not seen: then permission checks predict nothing
 */
public record Credentials(
    int uid,
    int euid,
    int suid,
    int fsuid,
    int gid,
    int egid,
    int sgid,
    int fsgid,
    List<Integer> groups,
    long capInheritable,
    long capPermitted,
    long capEffective,
    long capBounding,
    long capAmbient,
    int secureBits,
    boolean noNewPrivs,
    long userNs,
    boolean known) {
  /** All capabilities of Linux 6.18: CAP_CHOWN (0) to CAP_CHECKPOINT_RESTORE (40). */
  public static final long ALL_CAPS = (1L << 41) - 1;

  public Credentials {
    groups = List.copyOf(groups);
  }

  /** Uid and gid 0 with all capabilities. */
  public static Credentials root(long userNs) {
    return new Credentials(
        0, 0, 0, 0, 0, 0, 0, 0, List.of(), 0, ALL_CAPS, ALL_CAPS, ALL_CAPS, 0, 0, false, userNs,
        true);
  }

  /** The same ids and capabilities, in another user namespace. */
  public Credentials withUserNs(long key) {
    return new Credentials(
        uid,
        euid,
        suid,
        fsuid,
        gid,
        egid,
        sgid,
        fsgid,
        groups,
        capInheritable,
        capPermitted,
        capEffective,
        capBounding,
        capAmbient,
        secureBits,
        noNewPrivs,
        key,
        known);
  }

  /** Whether the effective set holds a capability, without regard to namespaces. */
  public boolean has(int capability) {
    return (capEffective >>> capability & 1) != 0;
  }
}

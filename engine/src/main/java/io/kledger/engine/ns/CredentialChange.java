package io.kledger.engine.ns;

import io.kledger.kernel.task.Credentials;
import java.util.List;

/** New credentials from old ones: cred_set_*, cap_task_fix_setuid() in security/commoncap.c. */
public final class CredentialChange {
  /** SECBIT_NO_SETUID_FIXUP. */
  private static final int NO_SETUID_FIXUP = 1 << 2;

  /** SECBIT_KEEP_CAPS. */
  private static final int KEEP_CAPS = 1 << 4;

  /** CAP_FS_SET: what a change of the filesystem uid between 0 and others moves. */
  private static final long FS_CAPS =
      1L << Capability.CHOWN
          | 1L << Capability.MKNOD
          | 1L << Capability.DAC_OVERRIDE
          | 1L << Capability.DAC_READ_SEARCH
          | 1L << Capability.FOWNER
          | 1L << Capability.FSETID
          | 1L << Capability.LINUX_IMMUTABLE
          | 1L << 32;

  private CredentialChange() {}

  /** Other supplementary groups. */
  public static Credentials groups(Credentials old, List<Integer> groups) {
    return new Credentials(
        old.uid(),
        old.euid(),
        old.suid(),
        old.fsuid(),
        old.gid(),
        old.egid(),
        old.sgid(),
        old.fsgid(),
        groups,
        old.capInheritable(),
        old.capPermitted(),
        old.capEffective(),
        old.capBounding(),
        old.capAmbient(),
        old.secureBits(),
        old.noNewPrivs(),
        old.userNs(),
        old.known());
  }

  /**
   * Other ids; the filesystem id follows the effective one: cap_task_fix_setuid().
   *
   * @param root the id that is 0 in the user namespace, {@link IdMap#INVALID} if none is
   */
  public static Credentials ids(
      Credentials old, boolean group, int real, int effective, int saved, int root) {
    if (group) {
      return new Credentials(
          old.uid(),
          old.euid(),
          old.suid(),
          old.fsuid(),
          real,
          effective,
          saved,
          effective,
          old.groups(),
          old.capInheritable(),
          old.capPermitted(),
          old.capEffective(),
          old.capBounding(),
          old.capAmbient(),
          old.secureBits(),
          old.noNewPrivs(),
          old.userNs(),
          old.known());
    }
    long permitted = old.capPermitted();
    long effectiveCaps = old.capEffective();
    long ambient = old.capAmbient();
    if ((old.secureBits() & NO_SETUID_FIXUP) == 0) {
      boolean hadRoot = old.uid() == root || old.euid() == root || old.suid() == root;
      boolean hasRoot = real == root || effective == root || saved == root;
      if (hadRoot && !hasRoot) {
        boolean keeps = (old.secureBits() & KEEP_CAPS) != 0;
        permitted = keeps ? permitted : 0;
        effectiveCaps = keeps ? effectiveCaps : 0;
        ambient = 0;
      }
      if (old.euid() == root && effective != root) {
        effectiveCaps = 0;
      } else if (old.euid() != root && effective == root) {
        effectiveCaps = permitted;
      }
    }
    return new Credentials(
        real,
        effective,
        saved,
        effective,
        old.gid(),
        old.egid(),
        old.sgid(),
        old.fsgid(),
        old.groups(),
        old.capInheritable(),
        permitted,
        effectiveCaps,
        old.capBounding(),
        ambient,
        old.secureBits(),
        old.noNewPrivs(),
        old.userNs(),
        old.known());
  }

  /**
   * Another filesystem id.
   *
   * @param root the id that is 0 in the user namespace, {@link IdMap#INVALID} if none is
   */
  public static Credentials fs(Credentials old, boolean group, int id, int root) {
    long effective = old.capEffective();
    if (!group && (old.secureBits() & NO_SETUID_FIXUP) == 0) {
      if (old.fsuid() == root && id != root) {
        effective &= ~FS_CAPS;
      } else if (old.fsuid() != root && id == root) {
        effective |= old.capPermitted() & FS_CAPS;
      }
    }
    return new Credentials(
        old.uid(),
        old.euid(),
        old.suid(),
        group ? old.fsuid() : id,
        old.gid(),
        old.egid(),
        old.sgid(),
        group ? id : old.fsgid(),
        old.groups(),
        old.capInheritable(),
        old.capPermitted(),
        effective,
        old.capBounding(),
        old.capAmbient(),
        old.secureBits(),
        old.noNewPrivs(),
        old.userNs(),
        old.known());
  }

  /** Other capability sets. */
  public static Credentials caps(
      Credentials old, long inheritable, long permitted, long effective, long ambient) {
    return new Credentials(
        old.uid(),
        old.euid(),
        old.suid(),
        old.fsuid(),
        old.gid(),
        old.egid(),
        old.sgid(),
        old.fsgid(),
        old.groups(),
        inheritable,
        permitted,
        effective,
        old.capBounding(),
        ambient,
        old.secureBits(),
        old.noNewPrivs(),
        old.userNs(),
        old.known());
  }

  /** Another bounding set, other securebits or no_new_privs. */
  public static Credentials limits(
      Credentials old, long bounding, int secureBits, boolean noNewPrivs) {
    return new Credentials(
        old.uid(),
        old.euid(),
        old.suid(),
        old.fsuid(),
        old.gid(),
        old.egid(),
        old.sgid(),
        old.fsgid(),
        old.groups(),
        old.capInheritable(),
        old.capPermitted(),
        old.capEffective(),
        bounding,
        old.capAmbient(),
        secureBits,
        noNewPrivs,
        old.userNs(),
        old.known());
  }
}

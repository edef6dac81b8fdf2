package io.kledger.kernel.mount;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A mounted filesystem instance (struct super_block).
 *
 * @param root key of the root dentry
 * @param flags SB_* bits as MS_* (MS_RDONLY, MS_SYNCHRONOUS ...)
 * @param options what the filesystem prints in mountinfo after the flags, comma separated
 * @param userNs key of s_user_ns
 * @param namespace key of the pid, net or ipc namespace whose contents it shows; 0 if of none, or
 *     of the initial one
 * @param optionsKnown false if the options are a guess: mountinfo may print others
 */
public record Superblock(
    long key,
    int major,
    int minor,
    Bytes type,
    Bytes subtype,
    long root,
    long flags,
    Bytes options,
    long userNs,
    long namespace,
    boolean optionsKnown)
    implements Row {
  /** Stands for the type of a filesystem that no line of the log tells. */
  public static final Bytes UNKNOWN = Bytes.of("unknown");

  /** Reconfigured: other flags and options. */
  public Superblock withOptions(long newFlags, Bytes newOptions) {
    return new Superblock(
        key,
        major,
        minor,
        type,
        subtype,
        root,
        newFlags,
        newOptions,
        userNs,
        namespace,
        optionsKnown);
  }

  /**
   * Of a filesystem that is only inferred: its type, and what is mounted below it, is not known.
   */
  public boolean guessed() {
    return type.equals(UNKNOWN);
  }

  /** Another device number. */
  public Superblock withDevice(int newMajor, int newMinor) {
    return new Superblock(
        key,
        newMajor,
        newMinor,
        type,
        subtype,
        root,
        flags,
        options,
        userNs,
        namespace,
        optionsKnown);
  }

  /** Shows the contents of a namespace. */
  public Superblock withNamespace(long newNamespace) {
    return new Superblock(
        key, major, minor, type, subtype, root, flags, options, userNs, newNamespace, optionsKnown);
  }
}

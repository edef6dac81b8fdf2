package io.kledger.kernel.block;

import io.kledger.store.Row;

/**
 * What a loop device is bound to (struct loop_device while Lo_bound or Lo_rundown); no row:
 * Lo_unbound.
 *
 * @param key of the {@link BlockDevice}
 * @param rundown its last user is leaving: it cannot be opened any more
 * @param backing key of the open file description that it holds
 * @param inode key of the backing inode
 * @param flags LO_FLAGS_*
 * @param offset first byte that is shown
 * @param sizeLimit most bytes that are shown, 0 for all
 * @param writersAtBind how many had the backing file open for writing then
 * @param denied how often a writer was refused since
 */
public record LoopBinding(
    long key,
    boolean rundown,
    long backing,
    long inode,
    long flags,
    long offset,
    long sizeLimit,
    int writersAtBind,
    int denied)
    implements Row {
  public static final long READ_ONLY = 1;
  public static final long AUTOCLEAR = 4;
  public static final long PARTSCAN = 8;
  public static final long DIRECT_IO = 16;
  public static final long IMMUTABLE = 32;

  public boolean is(long flag) {
    return (flags & flag) != 0;
  }

  public LoopBinding withRundown() {
    return new LoopBinding(
        key, true, backing, inode, flags, offset, sizeLimit, writersAtBind, denied);
  }

  public LoopBinding withFlags(long newFlags) {
    return new LoopBinding(
        key, rundown, backing, inode, newFlags, offset, sizeLimit, writersAtBind, denied);
  }

  public LoopBinding withRange(long newOffset, long newLimit) {
    return new LoopBinding(
        key, rundown, backing, inode, flags, newOffset, newLimit, writersAtBind, denied);
  }

  public LoopBinding withBacking(long description, long newInode) {
    return new LoopBinding(
        key, rundown, description, newInode, flags, offset, sizeLimit, writersAtBind, denied);
  }

  public LoopBinding withDenied(int count) {
    return new LoopBinding(
        key, rundown, backing, inode, flags, offset, sizeLimit, writersAtBind, count);
  }
}

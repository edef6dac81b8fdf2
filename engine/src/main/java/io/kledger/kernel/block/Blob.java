package io.kledger.kernel.block;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * Proposed: a file of a blobfs, which is named by its digest and never changes.
 *
 * @param key of the inode
 * @param store key of the filesystem
 * @param state whether it is visible
 * @param digest 64 lowercase hex digits: its name once sealed; of a staged file the name that it is
 *     to have, empty if nobody said
 * @param declared size that a named staged file is to have, in bytes; -1 as long as nobody said
 * @param written bytes that a named staged file has
 * @param corrupt number of the block that does not verify, -1 if all do
 */
public record Blob(
    long key, long store, State state, Bytes digest, long declared, long written, long corrupt)
    implements Row {
  /** How far a blob is. */
  public enum State {
    STAGED,
    SEALED,
    /** Its content was not what its name says. */
    REJECTED
  }

  public Blob withDeclared(long size) {
    return new Blob(key, store, state, digest, size, written, corrupt);
  }

  public Blob withWritten(long bytes) {
    return new Blob(key, store, state, digest, declared, bytes, corrupt);
  }

  public Blob withState(State now, Bytes name) {
    return new Blob(key, store, now, name, declared, written, corrupt);
  }

  public Blob withCorrupt(long block) {
    return new Blob(key, store, state, digest, declared, written, block);
  }
}

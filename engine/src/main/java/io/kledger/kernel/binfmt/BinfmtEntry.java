package io.kledger.kernel.binfmt;

import io.kledger.event.Bytes;
import io.kledger.kernel.file.Place;
import io.kledger.store.Row;

/**
 * A registered format (struct Node of fs/binfmt_misc.c).
 *
 * @param instance key of the user namespace
 * @param magic the bytes, or the extension without its dot
 * @param byExtension type E; else type M
 * @param mask of the magic, empty if all bits count
 * @param offset where the magic is, in bytes
 * @param flags letters of P, O, C and F
 * @param opened flag F: where the interpreter was when the format was registered; else unknown
 */
public record BinfmtEntry(
    long key,
    long instance,
    Bytes name,
    boolean byExtension,
    Bytes magic,
    Bytes mask,
    int offset,
    Bytes interpreter,
    String flags,
    Place opened,
    boolean enabled)
    implements Row {
  public BinfmtEntry withEnabled(boolean on) {
    return new BinfmtEntry(
        key, instance, name, byExtension, magic, mask, offset, interpreter, flags, opened, on);
  }
}

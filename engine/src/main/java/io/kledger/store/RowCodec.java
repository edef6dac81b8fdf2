package io.kledger.store;

/** Encodes rows as canonical bytes: equal rows give equal bytes, in every run and store. */
public interface RowCodec<V extends Row> {
  byte[] encode(V row);

  /** The row that {@link #encode} made the bytes of. */
  V decode(byte[] bytes);
}

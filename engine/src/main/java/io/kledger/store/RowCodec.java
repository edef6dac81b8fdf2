package io.kledger.store;

/** Encodes rows as canonical bytes: equal rows give equal bytes, in every run and store. */
public interface RowCodec<V extends Row> {
  /** Appends the row. */
  void encode(V row, ByteSink out);

  /**
   * The row that {@link #encode} wrote, up to the end of the input.
   *
   * @throws StoreException.Damaged if the bytes are not those of a row
   */
  V decode(ByteReader in);

  default byte[] encode(V row) {
    ByteSink out = new ByteSink();
    encode(row, out);
    return out.toArray();
  }

  default V decode(byte[] bytes) {
    return decode(new ByteReader(bytes));
  }
}

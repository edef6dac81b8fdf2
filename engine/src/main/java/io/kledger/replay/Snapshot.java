package io.kledger.replay;

import io.kledger.event.MachineId;
import io.kledger.kernel.KernelState;
import io.kledger.store.ByteReader;
import io.kledger.store.ByteSink;
import io.kledger.store.RecordCodecs;
import io.kledger.store.Row;
import io.kledger.store.RowCodec;
import io.kledger.store.StateDigest;
import io.kledger.store.StoreException;
import io.kledger.store.Table;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * All rows of a state in one file, with the position they are as of, the digest of the state, and a
 * SHA-256 of the file at its end. A fold goes on from it as from the events themselves.
 *
 * @param machine whose state it is
 * @param position of the last event folded
 * @param state its rows, not yet stored anywhere
 * @param digest of the state
 */
public record Snapshot(MachineId machine, long position, KernelState state, String digest) {
  private static final String MAGIC = "kledger snapshot 1";

  /**
   * Writes a state; does not close the stream.
   *
   * @param identity fingerprint of model and rows, see {@link io.kledger.store.Fingerprint}
   * @return the digest of the state
   */
  public static String write(
      OutputStream stream,
      RecordCodecs codecs,
      String identity,
      MachineId machine,
      long position,
      KernelState state)
      throws IOException {
    DigestOutputStream digesting =
        new DigestOutputStream(new BufferedOutputStream(stream, 1 << 16), sha256());
    DataOutputStream out = new DataOutputStream(digesting);
    String digest = StateDigest.of(state.tables(), codecs);
    out.writeUTF(MAGIC);
    out.writeUTF(identity);
    out.writeUTF(machine.name());
    out.writeLong(position);
    out.writeUTF(digest);
    for (Table<?> table : state.tables().all()) {
      rows(table, codecs, out);
    }
    out.writeByte(0);
    byte[] sum = digesting.getMessageDigest().digest();
    digesting.on(false);
    out.write(sum);
    out.flush();
    return digest;
  }

  private static <V extends Row> void rows(
      Table<V> table, RecordCodecs codecs, DataOutputStream out) throws IOException {
    RowCodec<V> codec = codecs.codec(table.id());
    long[] keys = table.keys();
    out.writeByte(table.id().number());
    out.writeInt(keys.length);
    ByteSink row = new ByteSink();
    for (long key : keys) {
      codec.encode(table.get(key), row.clear());
      out.writeLong(key);
      out.writeLong(table.changedAt(key));
      out.writeInt(row.size());
      out.write(row.array(), 0, row.size());
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws StoreException.Damaged if it is not as it was written
   * @throws StoreException.Unavailable if another version of the model wrote it
   */
  public static Snapshot read(InputStream stream, RecordCodecs codecs, String identity)
      throws IOException {
    DigestInputStream digesting =
        new DigestInputStream(new BufferedInputStream(stream, 1 << 16), sha256());
    DataInputStream in = new DataInputStream(digesting);
    try {
      if (!in.readUTF().equals(MAGIC)) {
        throw new StoreException.Damaged("not a kledger snapshot");
      }
      String found = in.readUTF();
      if (!found.equals(identity)) {
        throw new StoreException.Unavailable(
            "the snapshot was written by another version of the model ("
                + found
                + ", not "
                + identity
                + "); fold the log instead");
      }
      MachineId machine = MachineId.of(in.readUTF());
      long position = in.readLong();
      String digest = in.readUTF();
      KernelState state = new KernelState();
      for (Table<?> table : state.tables().all()) {
        read(table, codecs, state, in);
      }
      byte[] sum = end(in, digesting);
      if (!Arrays.equals(sum, in.readNBytes(32))) {
        throw new StoreException.Damaged("the snapshot's checksum does not match");
      }
      if (!StateDigest.of(state.tables(), codecs).equals(digest)) {
        throw new StoreException.Damaged("the snapshot's rows do not have its state digest");
      }
      return new Snapshot(machine, position, state, digest);
    } catch (EOFException | java.io.UTFDataFormatException e) {
      throw new StoreException.Damaged("the snapshot ends early or is not one", e);
    } catch (IllegalArgumentException e) {
      throw new StoreException.Damaged("the snapshot is damaged: " + e.getMessage(), e);
    }
  }

  private static byte[] end(DataInputStream in, DigestInputStream digesting) throws IOException {
    if (in.readByte() != 0) {
      throw new StoreException.Damaged("the snapshot has more than its tables");
    }
    byte[] sum = digesting.getMessageDigest().digest();
    digesting.on(false);
    return sum;
  }

  private static <V extends Row> void read(
      Table<V> table, RecordCodecs codecs, KernelState state, DataInputStream in)
      throws IOException {
    if (in.readUnsignedByte() != table.id().number()) {
      throw new StoreException.Damaged("the snapshot lacks table " + table.id());
    }
    RowCodec<V> codec = codecs.codec(table.id());
    for (int left = in.readInt(); left > 0; left--) {
      long key = in.readLong();
      long changedAt = in.readLong();
      int size = in.readInt();
      byte[] row = size < 0 ? new byte[0] : in.readNBytes(size);
      if (row.length != size) {
        throw new EOFException();
      }
      state.tables().write(table.id(), key, codec.decode(new ByteReader(row)), changedAt);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}

package io.kledger.log.seal;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The seals of one machine: {@code checkpoints}, notes one after the other with a line {@code ----}
 * between, and {@code leaves}, the hash of each sealed event: it tells which event is not the one
 * that was sealed, and is itself held against the checkpoints.
 */
public final class SealFiles {
  private static final String BETWEEN = "----\n";

  private final Path directory;

  /** The seals in that directory; it need not be there. */
  public SealFiles(Path directory) {
    this.directory = directory;
  }

  private Path notes() {
    return directory.resolve("checkpoints");
  }

  private Path leaves() {
    return directory.resolve("leaves");
  }

  /** Whether anything was sealed. */
  public boolean present() {
    return Files.exists(notes());
  }

  /**
   * All checkpoints in order.
   *
   * @throws SealException if one cannot be read; the message says which
   */
  public List<Checkpoint> checkpoints() {
    List<Checkpoint> checkpoints = new ArrayList<>();
    if (!present()) {
      return checkpoints;
    }
    String text = read(notes());
    if (!text.endsWith(BETWEEN)) {
      throw new SealException("the last checkpoint is cut off");
    }
    for (String note : text.split(BETWEEN)) {
      try {
        checkpoints.add(Checkpoint.parse(note));
      } catch (SealException e) {
        throw new SealException("checkpoint " + (checkpoints.size() + 1) + ": " + e.getMessage());
      }
    }
    return checkpoints;
  }

  private static String read(Path path) {
    try {
      return Files.readString(path, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new SealException("cannot read " + path + ": " + e.getMessage());
    }
  }

  /** Begins writing hashes after the first {@code size}; what an interrupted seal left goes. */
  Writer writer(long size) {
    try {
      Files.createDirectories(directory);
      FileChannel file =
          FileChannel.open(leaves(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      file.truncate(size * Hashes.SIZE);
      file.position(size * Hashes.SIZE);
      return new Writer(file);
    } catch (IOException e) {
      throw new SealException("cannot write the seal in " + directory + ": " + e.getMessage());
    }
  }

  /** Writes hashes, and makes them durable. */
  static final class Writer implements AutoCloseable {
    private final FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);

    private Writer(FileChannel file) {
      this.file = file;
    }

    void add(byte[] leaf) throws IOException {
      if (buffer.remaining() < leaf.length) {
        drain();
      }
      buffer.put(leaf);
    }

    private void drain() throws IOException {
      buffer.flip();
      while (buffer.hasRemaining()) {
        file.write(buffer);
      }
      buffer.clear();
    }

    void force() throws IOException {
      drain();
      file.force(true);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /** Appends a checkpoint; its hashes are durable. */
  void append(Checkpoint checkpoint) {
    try {
      try (FileChannel file =
          FileChannel.open(
              notes(),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.APPEND)) {
        file.write(ByteBuffer.wrap((checkpoint.text() + BETWEEN).getBytes(StandardCharsets.UTF_8)));
        file.force(true);
      }
    } catch (IOException e) {
      throw new SealException("cannot write the seal in " + directory + ": " + e.getMessage());
    }
  }

  /** Hashes in order, from the first. */
  Sequence sequence() {
    return new Sequence(leaves());
  }

  /** Hashes by index, for proofs. */
  public Indexed indexed() {
    try {
      return new Indexed(new RandomAccessFile(leaves().toFile(), "r"));
    } catch (IOException e) {
      throw new SealException("nothing is sealed in " + directory);
    }
  }

  /** Reads hashes one after the other; null when there are no more. */
  static final class Sequence implements AutoCloseable {
    private final InputStream in;

    private Sequence(Path path) {
      try {
        in =
            Files.exists(path)
                ? new BufferedInputStream(Files.newInputStream(path), 1 << 16)
                : InputStream.nullInputStream();
      } catch (IOException e) {
        throw new SealException("cannot read " + path + ": " + e.getMessage());
      }
    }

    byte[] next() {
      try {
        byte[] leaf = in.readNBytes(Hashes.SIZE);
        return leaf.length == Hashes.SIZE ? leaf : null;
      } catch (IOException e) {
        return null;
      }
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        // It was only read.
      }
    }
  }

  /** Reads hashes by index. */
  public static final class Indexed implements MerkleTree.Leaves, AutoCloseable {
    private static final int WINDOW = 1 << 16;
    private final RandomAccessFile file;
    private final byte[] window = new byte[WINDOW];
    private long start = -1;
    private int length;

    private Indexed(RandomAccessFile file) {
      this.file = file;
    }

    @Override
    public byte[] leaf(long index) {
      long at = index * Hashes.SIZE;
      try {
        if (start < 0 || at < start || at + Hashes.SIZE > start + length) {
          start = at;
          file.seek(at);
          length = Math.max(0, file.read(window));
          if (length < Hashes.SIZE) {
            throw new EOFException("no hash of event @" + (index + 1));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      int from = (int) (at - start);
      return java.util.Arrays.copyOfRange(window, from, from + Hashes.SIZE);
    }

    @Override
    public void close() {
      try {
        file.close();
      } catch (IOException e) {
        // It was only read.
      }
    }
  }
}

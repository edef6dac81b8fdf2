package io.kledger.log.local;

import io.kledger.log.LogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/** How the writer opens its files; tests put a failing disk in its place. */
@FunctionalInterface
interface Disk {

  /** The real one. */
  Disk REAL = FileChannel::open;

  /** Makes names of temporary files differ within the process. */
  AtomicLong TEMPORARY = new AtomicLong();

  FileChannel open(Path path, OpenOption... options) throws IOException;

  /** Reads until the buffer is full or the file ends, and flips the buffer; how much was read. */
  static int readFully(FileChannel channel, ByteBuffer into, long offset) throws IOException {
    int start = into.position();
    while (into.hasRemaining()) {
      int read = channel.read(into, offset + into.position() - start);
      if (read < 0) {
        break;
      }
    }
    int total = into.position() - start;
    into.flip();
    return total;
  }

  /** Writes the whole buffer from its position to its limit. */
  static void writeFully(FileChannel channel, ByteBuffer from, long offset) throws IOException {
    int start = from.position();
    while (from.hasRemaining()) {
      channel.write(from, offset + from.position() - start);
    }
  }

  /** Makes names in a directory durable, where the platform can. */
  static void syncDirectory(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      if (System.getProperty("os.name", "").startsWith("Linux")) {
        throw e;
      }
    }
  }

  /** Makes a file appear with all of its content, durably; replaces what is there. */
  static void writeWhole(Path path, byte[] content) throws IOException {
    var temporary = temporary(path, content);
    Files.move(
        temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory(path.toAbsolutePath().getParent());
  }

  /** The same, but keeps a file that is there already. */
  static void createWhole(Path path, byte[] content) throws IOException {
    var temporary = temporary(path, content);
    try {
      Files.createLink(path, temporary);
    } catch (FileAlreadyExistsException e) {
      // Another process was first.
    } catch (UnsupportedOperationException e) {
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.deleteIfExists(temporary);
    syncDirectory(path.toAbsolutePath().getParent());
  }

  private static Path temporary(Path path, byte[] content) throws IOException {
    var temporary =
        path.resolveSibling(
            path.getFileName()
                + "."
                + ProcessHandle.current().pid()
                + "-"
                + TEMPORARY.incrementAndGet()
                + ".tmp");
    try (var channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeFully(channel, ByteBuffer.wrap(content), 0);
      channel.force(true);
    }
    return temporary;
  }

  /** The error that an I/O failure becomes. */
  static LogException.Failed failed(String doing, Path path, IOException cause) {
    var why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    if (why.equals(String.valueOf(path))) {
      why = cause.getClass().getSimpleName();
    }
    return new LogException.Failed("cannot " + doing + " " + path + ": " + why, cause);
  }
}

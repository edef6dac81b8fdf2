package io.kledger.log.local;

import io.kledger.log.LogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The lock that makes an appender the only one; the operating system frees it when the process
 * ends.
 */
final class WriterLock implements AutoCloseable {

  private static final int PID_DIGITS = 20;

  /**
   * What this process has locked. Asked before the file is opened: closing any descriptor of a file
   * gives up the process's locks on it (fcntl(2)).
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final FileChannel channel;
  private final Path key;

  private WriterLock(FileChannel channel, Path key) {
    this.channel = channel;
    this.key = key;
  }

  /**
   * Takes the lock.
   *
   * @throws LogException.Locked if another appender has it, in this process or another
   */
  static WriterLock take(MachineFiles files) throws IOException {
    var key = files.directory().toRealPath();
    if (!HELD.add(key)) {
      throw locked(files, ProcessHandle.current().pid());
    }
    try {
      return lock(files, key);
    } catch (IOException | RuntimeException e) {
      HELD.remove(key);
      throw e;
    }
  }

  private static WriterLock lock(MachineFiles files, Path key) throws IOException {
    var channel =
        FileChannel.open(
            files.lock(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        throw locked(files, holder(channel));
      }
      var pid = ProcessHandle.current().pid() + "\n";
      channel.truncate(0);
      Disk.writeFully(channel, ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
      return new WriterLock(channel, key);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static long holder(FileChannel channel) throws IOException {
    var text = ByteBuffer.allocate(PID_DIGITS);
    Disk.readFully(channel, text, 0);
    try {
      return Long.parseLong(StandardCharsets.US_ASCII.decode(text).toString().strip());
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static LogException.Locked locked(MachineFiles files, long pid) {
    var who =
        pid == ProcessHandle.current().pid()
            ? "this process (" + pid + ")"
            : pid < 0 ? "another process" : "process " + pid;
    return new LogException.Locked(
        "machine "
            + files.machine()
            + " is being written by "
            + who
            + " ("
            + files.lock()
            + "); wait for it to end, or write to another machine or ledger",
        pid);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The lock is gone with the descriptor.
    } finally {
      HELD.remove(key);
    }
  }
}

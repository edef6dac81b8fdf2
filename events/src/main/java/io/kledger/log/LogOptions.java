package io.kledger.log;

import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How a log is opened.
 *
 * @param create whether {@link EventLog#open} may create a ledger that does not exist
 * @param batchBytes encoded size at which a batch is closed, in bytes; larger ones compress better,
 *     smaller ones make opening in the middle cheaper
 * @param segmentBytes size on disk after which a new segment is begun, in bytes
 * @param zstdLevel compression level, 1 to 19; 0 stores without compression
 * @param sync whether a commit waits for the disk (fsync); without it an acknowledged event
 *     survives a crash of the process, but not of the machine
 * @param notices receives one line of text for what an operator should know and the program need
 *     not (a torn tail that was cut back)
 * @param kafka properties for Kafka's clients, passed on as they are (security, timeouts,
 *     compression), and our own that begin with {@code kledger.}; nothing for a directory
 */
public record LogOptions(
    boolean create,
    int batchBytes,
    long segmentBytes,
    int zstdLevel,
    boolean sync,
    Consumer<String> notices,
    Map<String, String> kafka) {

  /**
   * Creates; batches of 256 KiB, segments of 64 MiB, zstd level 3, fsync; notices to the logger.
   */
  public static final LogOptions DEFAULTS =
      new LogOptions(
          true,
          256 << 10,
          64L << 20,
          3,
          true,
          notice -> System.getLogger("io.kledger.log").log(System.Logger.Level.WARNING, notice),
          Map.of());

  /** Checks the bounds. */
  public LogOptions {
    Objects.requireNonNull(notices, "notices");
    kafka = Map.copyOf(kafka);
    if (batchBytes < 1 || batchBytes > 16 << 20) {
      throw new IllegalArgumentException("batchBytes " + batchBytes + ": 1 to 16 MiB");
    }
    if (segmentBytes < 1 || segmentBytes > 1L << 30) {
      throw new IllegalArgumentException("segmentBytes " + segmentBytes + ": 1 to 1 GiB");
    }
    if (zstdLevel < 0 || zstdLevel > 19) {
      throw new IllegalArgumentException("zstdLevel " + zstdLevel + ": 0 to 19");
    }
  }

  /** The same, but {@link #create()}. */
  public LogOptions withCreate(boolean value) {
    return new LogOptions(value, batchBytes, segmentBytes, zstdLevel, sync, notices, kafka);
  }

  /** The same, but {@link #batchBytes()}. */
  public LogOptions withBatchBytes(int value) {
    return new LogOptions(create, value, segmentBytes, zstdLevel, sync, notices, kafka);
  }

  /** The same, but {@link #segmentBytes()}. */
  public LogOptions withSegmentBytes(long value) {
    return new LogOptions(create, batchBytes, value, zstdLevel, sync, notices, kafka);
  }

  /** The same, but {@link #zstdLevel()}. */
  public LogOptions withZstdLevel(int value) {
    return new LogOptions(create, batchBytes, segmentBytes, value, sync, notices, kafka);
  }

  /** The same, but {@link #sync()}. */
  public LogOptions withSync(boolean value) {
    return new LogOptions(create, batchBytes, segmentBytes, zstdLevel, value, notices, kafka);
  }

  /** The same, but {@link #notices()}. */
  public LogOptions withNotices(Consumer<String> value) {
    return new LogOptions(create, batchBytes, segmentBytes, zstdLevel, sync, value, kafka);
  }

  /** The same, but {@link #kafka()}. */
  public LogOptions withKafka(Map<String, String> value) {
    return new LogOptions(
        create, batchBytes, segmentBytes, zstdLevel, sync, notices, Map.copyOf(value));
  }
}

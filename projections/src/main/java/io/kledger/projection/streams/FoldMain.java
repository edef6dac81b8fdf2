package io.kledger.projection.streams;

import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.LogOptions;
import io.kledger.log.kafka.ClientProperties;
import io.kledger.log.kafka.KafkaEventLog;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * An instance of the fold without the service round it, until it is told to end. Configured by
 * system properties: {@code kledger.ledger}, {@code kledger.kafka.config}, {@code
 * kledger.fold.state}, {@code kledger.fold.threads}, {@code kledger.fold.standbys}.
 */
public final class FoldMain {
  private static final int PAUSE_MILLIS = 200;
  private static final int PATIENCE_SECONDS = 30;

  private FoldMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    try {
      System.exit(run());
    } catch (LogException | IllegalArgumentException e) {
      System.err.println("kledger: " + e.getMessage());
      System.exit(2);
    }
  }

  private static int run() throws InterruptedException {
    LedgerUri uri = LedgerUri.parse(System.getProperty("kledger.ledger", ""));
    if (!(uri instanceof LedgerUri.Kafka kafka)) {
      throw new IllegalArgumentException(
          "Kafka Streams folds ledgers in Kafka only, not " + uri + "; see kledger copy");
    }
    String file = System.getProperty("kledger.kafka.config");
    Map<String, String> properties = file == null ? Map.of() : ClientProperties.load(Path.of(file));
    StreamsFold.Options options =
        new StreamsFold.Options(
            Path.of(System.getProperty("kledger.fold.state")),
            Integer.getInteger("kledger.fold.threads", 1),
            Integer.getInteger("kledger.fold.standbys", 0),
            null,
            properties,
            notice -> System.err.println("kledger: " + notice));
    LogOptions logging =
        LogOptions.DEFAULTS.withCreate(false).withKafka(properties).withNotices(options.notices());
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(told, ended)));
    try (KafkaEventLog log = KafkaEventLog.open(kafka, logging);
        StreamsFold fold = new StreamsFold(log, options)) {
      fold.start();
      boolean said = false;
      while (!told.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS) && !fold.failed()) {
        if (!said && fold.running()) {
          said = true;
          System.out.println("folding " + uri);
        }
      }
      return fold.failed() ? 1 : 0;
    } finally {
      ended.countDown();
    }
  }

  private static void end(CountDownLatch told, CountDownLatch ended) {
    told.countDown();
    try {
      ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

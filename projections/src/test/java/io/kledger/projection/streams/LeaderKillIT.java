package io.kledger.projection.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.Appender;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import io.kledger.log.kafka.KafkaClients;
import io.kledger.log.kafka.KafkaCluster;
import io.kledger.log.kafka.KafkaEventLog;
import io.kledger.log.kafka.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three brokers, of which the leader is killed (-9) while events are appended, and again while they
 * are folded: every acknowledged event is there, folded and published once.
 */
class LeaderKillIT {
  private static final MachineId M = new MachineId("web");
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int CHUNK = 250;

  @TempDir private Path directory;

  @Test
  void aLeaderThatDiesTakesNothingWithIt() throws Exception {
    List<Event> events = FoldFixture.recordings(1, 200_000).getFirst();
    FoldFixture.Expected expected = FoldFixture.fold(M, events);
    try (KafkaCluster cluster = KafkaCluster.start()) {
      LedgerUri.Kafka uri =
          (LedgerUri.Kafka) LedgerUri.parse("kafka://" + cluster.addresses() + "/cluster");
      Topics topics = new Topics(uri.prefix());
      LogOptions options =
          LogOptions.DEFAULTS.withKafka(
              Map.of(KafkaClients.PARTITIONS, "1", KafkaClients.REPLICATION, "3"));
      try (KafkaEventLog log = KafkaEventLog.open(uri, options);
          StreamsFold fold =
              new StreamsFold(
                  log,
                  new StreamsFold.Options(
                      directory, 1, 0, null, FoldFixture.impatient(), System.err::println))) {
        int third = events.size() / 3;
        append(log, events, third);
        int killed = cluster.killLeader(topics.events(), 0);
        append(log, events, 2 * third);
        cluster.restart(killed, topics.all());
        fold.start();
        FoldFixture.await("the fold to begin", PATIENCE, () -> position(fold) > 0);
        append(log, events, events.size() - CHUNK);
        cluster.killLeader(topics.changes(), 0);
        append(log, events, events.size());
        FoldFixture.await("all to be folded", PATIENCE, () -> position(fold) == events.size());
        assertThat(FoldFixture.digest(fold.store(M))).isEqualTo(expected.digest());
      }
      assertThat(FoldFixture.published(uri, 1).get(M.name())).isEqualTo(expected.changes());
    }
  }

  private static long position(StreamsFold fold) {
    var store = fold.store(M);
    return store == null ? 0 : store.position();
  }

  private static void append(KafkaEventLog log, List<Event> events, int to) {
    try (Appender appender = log.appender(M)) {
      while (appender.next() <= to) {
        appender.append(events.get((int) appender.next() - 1));
        if (appender.next() % CHUNK == 0) {
          appender.commit();
        }
      }
      appender.commit();
    }
  }
}

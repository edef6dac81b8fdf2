package io.kledger.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.LogOptions;
import io.kledger.log.SampleEvents;
import io.kledger.log.SourceProgress;
import io.kledger.log.codec.EventCodec;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The log on a real broker, in this process. */
class KafkaEventLogTest {

  private static final String PLAIN =
      "org.apache.kafka.common.security.plain.PlainLoginModule required";
  private static final MachineId M = new MachineId("web-1");

  private static TestBroker broker;

  private final LedgerUri uri = LedgerUri.parse(broker.ledger(TestBroker.unique("t")));

  @BeforeAll
  static void start() {
    broker = TestBroker.start();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static void append(EventLog log, MachineId machine, int upTo) {
    try (var appender = log.appender(machine)) {
      for (long n = appender.next(); n <= upTo; n++) {
        assertThat(appender.append(SampleEvents.nth(n))).isEqualTo(n);
      }
      assertThat(appender.commit()).isEqualTo(upTo);
    }
  }

  private static Event expected(long n) {
    var event = SampleEvents.nth(n);
    event.put(0, n);
    return event;
  }

  private static void assertHolds(Cursor cursor, long from, long to) {
    for (long n = from; n <= to; n++) {
      assertThat(cursor.next()).isEqualTo(expected(n));
    }
    assertThat(cursor.next()).isNull();
  }

  @Test
  void whatWasCommittedIsReadBackByAnother() {
    try (var log = EventLog.open(uri)) {
      append(log, M, 1000);
      assertThat(log.id()).hasSize(36);
    }
    try (var log = EventLog.open(uri, LogOptions.DEFAULTS.withCreate(false))) {
      assertThat(log.machines()).containsExactly(M);
      assertThat(log.end(M)).isEqualTo(1000);
      try (var cursor = log.read(M, 1)) {
        assertHolds(cursor, 1, 1000);
      }
    }
  }

  @Test
  void anyPositionIsEnteredAndSeveralAppendersGoOn() {
    try (var log = EventLog.open(uri)) {
      append(log, M, 5_000);
      append(log, M, 30_000);
      append(log, M, 30_001);
      var random = new Random(7);
      for (int i = 0; i < 20; i++) {
        long from = 1 + random.nextInt(30_001);
        try (var cursor = log.read(M, from)) {
          assertThat(cursor.next()).as("from " + from).isEqualTo(expected(from));
          assertThat(cursor.position()).isEqualTo(from + 1);
        }
      }
      try (var cursor = log.read(M, 29_990)) {
        assertHolds(cursor, 29_990, 30_001);
      }
      try (var cursor = log.read(M, 40_000)) {
        assertThat(cursor.next()).isNull();
      }
    }
  }

  @Test
  void machinesOfOnePartitionAreKeptApart() {
    var one = Map.of(KafkaClients.PARTITIONS, "1");
    try (var log = EventLog.open(uri, LogOptions.DEFAULTS.withKafka(one))) {
      for (int round = 1; round <= 3; round++) {
        for (int m = 0; m < 5; m++) {
          append(log, new MachineId("m" + m), round * (m + 1));
        }
      }
      assertThat(log.machines()).hasSize(5);
      assertThat(log.summaries())
          .extracting(summary -> summary.machine().name() + " " + summary.end())
          .containsExactly("m0 3", "m1 6", "m2 9", "m3 12", "m4 15");
      for (int m = 0; m < 5; m++) {
        try (var cursor = log.read(new MachineId("m" + m), 1)) {
          assertHolds(cursor, 1, 3 * (m + 1));
        }
      }
    }
  }

  @Test
  void whatWasNotCommittedIsNeverSeen() {
    try (var log = EventLog.open(uri)) {
      append(log, M, 10);
      try (var appender = log.appender(M)) {
        appender.append(SampleEvents.nth(11));
        assertThat(log.end(M)).isEqualTo(10);
      }
      assertThat(log.end(M)).isEqualTo(10);
      append(log, M, 12);
      try (var cursor = log.read(M, 1)) {
        assertHolds(cursor, 1, 12);
      }
    }
  }

  @Test
  void theLaterWriterFencesTheEarlier() {
    try (var log = EventLog.open(uri)) {
      var first = log.appender(M);
      first.append(SampleEvents.nth(1));
      first.commit();
      append(log, M, 5);
      first.append(SampleEvents.nth(2));
      assertThatThrownBy(first::commit)
          .isInstanceOf(LogException.Locked.class)
          .hasMessageContaining("has taken over");
      try (var cursor = log.read(M, 1)) {
        assertHolds(cursor, 1, 5);
      }
    }
  }

  @Test
  void progressIsThereWithItsEventsOrNotAtAll() {
    var digest = new byte[32];
    try (var log = EventLog.open(uri)) {
      try (var appender = log.appender(M)) {
        appender.append(SampleEvents.nth(1));
        appender.progress(
            new SourceProgress(1, 1, "trace", "strace", 1, 10, digest, digest, false));
        appender.commit();
        appender.append(SampleEvents.nth(2));
        appender.progress(new SourceProgress(1, 1, "trace", "strace", 2, 20, digest, digest, true));
      }
      // A commit is seen when the broker has written its marker: a moment after it returned.
      long giveUp = System.nanoTime() + 10_000_000_000L;
      while (log.sources(M).isEmpty() && System.nanoTime() < giveUp) {
        Thread.onSpinWait();
      }
      assertThat(log.sources(M))
          .singleElement()
          .satisfies(source -> assertThat(source.bytes()).isEqualTo(10));
      try (var appender = log.appender(M)) {
        assertThat(appender.sources()).hasSize(1);
        assertThat(appender.next()).isEqualTo(2);
      }
    }
  }

  @Test
  void aCursorAtTheEndGetsWhatOthersAppend() throws Exception {
    try (var log = EventLog.open(uri);
        var other = EventLog.open(uri)) {
      append(log, M, 3);
      try (var cursor = log.read(M, 4)) {
        assertThat(cursor.await(Duration.ofMillis(50))).isNull();
        var writing = CompletableFuture.runAsync(() -> append(other, M, 4));
        assertThat(cursor.await(Duration.ofSeconds(20))).isEqualTo(expected(4));
        writing.get();
      }
    }
  }

  @Test
  void rejectedTextGoesToItsTopicToo() {
    var kafka = (LedgerUri.Kafka) uri;
    try (var log = EventLog.open(uri);
        var consumer = new KafkaClients(kafka, Map.of()).consumer()) {
      try (var appender = log.appender(M)) {
        var text = ByteBuffer.wrap("not a line".getBytes(StandardCharsets.UTF_8));
        appender.append(new Event(0L, 0L, -1L, 0, 1, 7L, new Gap("no syscall", 1L, text, 7L, 3)));
        appender.commit();
      }
      var partition = new TopicPartition(new Topics(kafka.prefix()).rejected(), 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      var found = new ArrayList<String>();
      for (int i = 0; i < 50 && found.isEmpty(); i++) {
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(
                record ->
                    found.add(
                        new String(record.value(), StandardCharsets.UTF_8)
                            + " "
                            + new String(
                                record.headers().lastHeader("line").value(),
                                StandardCharsets.UTF_8)));
      }
      assertThat(found).containsExactly("not a line 7");
    }
  }

  @Test
  void duplicatesOfForeignProducersArePassedOverAndGapsRefused() {
    var kafka = (LedgerUri.Kafka) uri;
    try (var log = EventLog.open(uri)) {
      append(log, M, 10);
      foreign(kafka, expected(4));
      append(log, M, 12);
      try (var cursor = log.read(M, 1)) {
        assertHolds(cursor, 1, 12);
      }
      foreign(kafka, expected(99));
      append(log, M, 13);
      try (var cursor = log.read(M, 1)) {
        for (long n = 1; n <= 12; n++) {
          assertThat(cursor.next()).isEqualTo(expected(n));
        }
        assertThatThrownBy(cursor::next)
            .isInstanceOf(LogException.Damaged.class)
            .hasMessageContaining("position 13")
            .hasMessageContaining("@99");
      }
    }
  }

  private static void foreign(LedgerUri.Kafka kafka, Event event) {
    var topic = new Topics(kafka.prefix()).events();
    try (var producer = new KafkaClients(kafka, Map.of()).producer("foreign")) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(
          new ProducerRecord<>(topic, EventRecords.key(M), EventCodec.encodeSingleObject(event)));
      producer.commitTransaction();
    }
  }

  @Test
  void withARegistryValuesAreFramedAsItsSerializersDo() throws Exception {
    var registered = new HashMap<String, String>();
    var registry = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    registry.createContext(
        "/",
        exchange -> {
          var path = exchange.getRequestURI().getPath();
          var asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          registered.merge(path, asked, (one, other) -> one);
          // It keeps what it was told under number 7.
          var schema = registered.values().stream().filter(body -> !body.isEmpty()).findFirst();
          var answer =
              exchange.getRequestMethod().equals("POST") ? "{\"id\":7}" : schema.orElseThrow();
          exchange.sendResponseHeaders(200, 0);
          try (var out = exchange.getResponseBody()) {
            out.write(answer.getBytes(StandardCharsets.UTF_8));
          }
        });
    registry.start();
    var url = "http://127.0.0.1:" + registry.getAddress().getPort();
    var framed = LogOptions.DEFAULTS.withKafka(Map.of(Framing.REGISTRY, url));
    var kafka = (LedgerUri.Kafka) uri;
    try (var log = EventLog.open(uri)) {
      append(log, M, 5);
    }
    try (var log = EventLog.open(uri, framed)) {
      append(log, M, 10);
    }
    try (var log = EventLog.open(uri, framed);
        var cursor = log.read(M, 1)) {
      assertHolds(cursor, 1, 10);
      assertThat(registered)
          .containsOnlyKeys(
              "/subjects/" + new Topics(kafka.prefix()).events() + "-value/versions",
              "/schemas/ids/7");
      assertThat(((KafkaEventLog) log).framing().encode(expected(6))).startsWith(0, 0, 0, 0, 7);
    } finally {
      registry.stop(0);
    }
    try (var log = EventLog.open(uri);
        var cursor = log.read(M, 6)) {
      assertThatThrownBy(cursor::next)
          .isInstanceOf(LogException.Schema.class)
          .hasMessageContaining(Framing.REGISTRY);
    }
  }

  @Test
  void noLedgerIsMadeUnlessAskedFor() {
    assertThatThrownBy(() -> EventLog.open(uri, LogOptions.DEFAULTS.withCreate(false)))
        .isInstanceOf(LogException.NoLedger.class);
  }

  @Test
  void topicsThatWouldLoseEventsAreNotWrittenTo() throws Exception {
    var topic = new Topics(((LedgerUri.Kafka) uri).prefix()).events();
    EventLog.open(uri).close();
    try (var admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker.address()))) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, topic),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("retention.ms", "604800000"), AlterConfigOp.OpType.SET))))
          .all()
          .get();
      // A broker answers with the new value only after the controller told it.
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      for (int i = 0; i < 300; i++) {
        var shown = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        if (shown.get("retention.ms").value().equals("604800000")) {
          break;
        }
        Thread.sleep(100);
      }
    }
    try (var log = EventLog.open(uri)) {
      assertThatThrownBy(() -> log.appender(M))
          .isInstanceOf(LogException.Failed.class)
          .hasMessageContaining(topic)
          .hasMessageContaining("retention.ms=604800000")
          .hasMessageContaining("--add-config retention.ms=-1");
    }
    var notices = new ArrayList<String>();
    var accepting =
        LogOptions.DEFAULTS
            .withKafka(Map.of(KafkaClients.ACCEPT_LOSS, "true"))
            .withNotices(notices::add);
    try (var log = EventLog.open(uri, accepting)) {
      append(log, M, 1);
    }
    assertThat(notices).singleElement().asString().contains("retention.ms");
  }

  @Test
  void aBrokerThatIsNotThereIsSaidSo() {
    int port = TestBroker.freePorts(1)[0];
    var nobody = LedgerUri.parse("kafka://127.0.0.1:" + port + "/x");
    var quick = LogOptions.DEFAULTS.withKafka(Map.of(KafkaClients.CONNECT_TIMEOUT, "1500"));
    assertThatThrownBy(() -> EventLog.open(nobody, quick))
        .isInstanceOf(LogException.Failed.class)
        .hasMessageContaining("no answer from Kafka at 127.0.0.1:" + port)
        .hasMessageContaining("kledger dev-broker");
  }

  @Test
  void aClientThatSpeaksAnotherProtocolIsToldWhatToCheck() {
    var tls = Map.of(KafkaClients.CONNECT_TIMEOUT, "1500", "security.protocol", "SSL");
    assertThatThrownBy(() -> EventLog.open(uri, LogOptions.DEFAULTS.withKafka(tls)))
        .isInstanceOf(LogException.Failed.class)
        .hasMessageContaining("TLS or SASL")
        .hasMessageContaining("--kafka-config");
  }

  @Test
  void aPasswordThatIsWrongIsSaidSo() {
    int[] ports = TestBroker.freePorts(2);
    var listener = "SASL_PLAINTEXT://127.0.0.1:" + ports[0];
    var sasl =
        Map.of(
            "listeners",
            listener + ",CONTROLLER://127.0.0.1:" + ports[1],
            "advertised.listeners",
            listener,
            "controller.quorum.voters",
            "1@127.0.0.1:" + ports[1],
            "inter.broker.listener.name",
            "SASL_PLAINTEXT",
            "sasl.enabled.mechanisms",
            "PLAIN",
            "sasl.mechanism.inter.broker.protocol",
            "PLAIN",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config",
            PLAIN + " username=\"k\" password=\"right\" user_k=\"right\";");
    var secured = LedgerUri.parse("kafka://127.0.0.1:" + ports[0] + "/s");
    try (var other = TestBroker.start(sasl)) {
      assertThat(other).isNotNull();
      assertThatThrownBy(() -> EventLog.open(secured, login("wrong")))
          .isInstanceOf(LogException.Failed.class)
          .hasMessageContaining("do not accept each other")
          .hasMessageContaining("Authentication failed")
          .hasMessageContaining("--kafka-config");
      try (var log = EventLog.open(secured, login("right"))) {
        append(log, M, 10);
        try (var cursor = log.read(M, 1)) {
          assertHolds(cursor, 1, 10);
        }
      }
    }
  }

  private static LogOptions login(String password) {
    return LogOptions.DEFAULTS.withKafka(
        Map.of(
            "security.protocol", "SASL_PLAINTEXT",
            "sasl.mechanism", "PLAIN",
            "sasl.jaas.config", PLAIN + " username=\"k\" password=\"" + password + "\";"));
  }
}

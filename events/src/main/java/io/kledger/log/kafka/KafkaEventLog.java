package io.kledger.log.kafka;

import io.kledger.event.MachineId;
import io.kledger.event.Position;
import io.kledger.log.Appender;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.LogOptions;
import io.kledger.log.SourceProgress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** The event log on Kafka; see the package. */
public final class KafkaEventLog implements EventLog {

  private static final int IDLE_CONSUMERS = 4;

  private final LedgerUri.Kafka uri;
  private final LogOptions options;
  private final KafkaClients clients;
  private final Topics topics;
  private final TopicSetup setup;
  private final TopicSetup.Found found;
  private final MachineTable machines;
  private final KafkaSchemas schemas;
  private final Framing framing;
  private final Deque<KafkaConsumer<byte[], byte[]>> idle = new ArrayDeque<>();
  private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
  private volatile boolean safe;
  private volatile boolean closed;

  private KafkaEventLog(LedgerUri.Kafka uri, LogOptions options) {
    this.uri = uri;
    this.options = options;
    clients = new KafkaClients(uri, options.kafka());
    topics = new Topics(uri.prefix());
    setup = new TopicSetup(uri, clients);
    found = setup.open(options.create());
    schemas = new KafkaSchemas(uri, clients);
    framing = new Framing(clients, schemas, topics.events());
    machines = new MachineTable(uri, clients);
  }

  /**
   * Opens a ledger, or creates its topics if the options allow that.
   *
   * @throws LogException.NoLedger if there is none and it may not be created
   * @throws LogException.Failed if no broker answers, or it refuses
   */
  public static KafkaEventLog open(LedgerUri.Kafka uri, LogOptions options) {
    KafkaEventLog log;
    try {
      log = new KafkaEventLog(uri, options);
    } catch (LogException e) {
      throw e;
    } catch (RuntimeException e) {
      throw KafkaErrors.of(uri, "open " + uri, e);
    }
    try {
      log.machines.refresh();
      return log;
    } catch (RuntimeException e) {
      log.close();
      throw e;
    }
  }

  @Override
  public LedgerUri uri() {
    return uri;
  }

  @Override
  public String id() {
    return found.id();
  }

  @Override
  public List<MachineId> machines() {
    requireOpen();
    machines.refresh();
    return machines.machines();
  }

  @Override
  public long end(MachineId machine) {
    requireOpen();
    machines.refresh();
    return machines.end(machine);
  }

  @Override
  public Appender appender(MachineId machine) {
    requireOpen();
    if (!safe) {
      setup.requireSafe(options.notices());
      safe = true;
    }
    var handle = new AutoCloseable[1];
    var appender =
        KafkaAppender.open(
            new KafkaAppender.Place(uri, topics, machine, found.partitions(), framing),
            clients,
            machines,
            schemas,
            () -> open.remove(handle[0]));
    handle[0] = appender;
    open.add(appender);
    return appender;
  }

  @Override
  public Cursor read(MachineId machine, long from) {
    requireOpen();
    Position.requireEvent(from);
    if (machines.partition(machine) < 0) {
      machines.refresh();
      if (machines.partition(machine) < 0) {
        throw new LogException.UnknownMachine(uri, machine);
      }
    }
    var handle = new AutoCloseable[1];
    var cursor = new KafkaCursor(this, machine, from, () -> open.remove(handle[0]));
    handle[0] = cursor;
    open.add(cursor);
    return cursor;
  }

  @Override
  public List<SourceProgress> sources(MachineId machine) {
    requireOpen();
    machines.refresh();
    return machines.sources(machine);
  }

  /** One question to the broker, however many machines there are. */
  @Override
  public List<Summary> summaries() {
    requireOpen();
    machines.refresh();
    return machines.summaries();
  }

  /** The partition that a machine's events are in; -1 if there is no such machine. */
  public int partition(MachineId machine) {
    requireOpen();
    if (machines.partition(machine) < 0) {
      machines.refresh();
    }
    return machines.partition(machine);
  }

  MachineTable table() {
    return machines;
  }

  Topics topics() {
    return topics;
  }

  KafkaClients clients() {
    return clients;
  }

  /** How events stand in the records' values. */
  public Framing framing() {
    return framing;
  }

  /** A consumer that is assigned to nothing; making one takes longer than reading a little. */
  KafkaConsumer<byte[], byte[]> takeConsumer() {
    synchronized (idle) {
      var one = idle.poll();
      if (one != null) {
        return one;
      }
    }
    return clients.consumer();
  }

  void giveBack(KafkaConsumer<byte[], byte[]> consumer) {
    consumer.unsubscribe();
    synchronized (idle) {
      if (!closed && idle.size() < IDLE_CONSUMERS) {
        idle.push(consumer);
        return;
      }
    }
    consumer.close();
  }

  @Override
  public void close() {
    closed = true;
    for (var one : List.copyOf(open)) {
      try {
        one.close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    synchronized (idle) {
      idle.forEach(KafkaConsumer::close);
      idle.clear();
    }
    machines.close();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("event log is closed: " + uri);
    }
  }
}

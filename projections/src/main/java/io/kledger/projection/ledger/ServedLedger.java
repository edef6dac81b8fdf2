package io.kledger.projection.ledger;

import io.kledger.event.MachineId;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.kafka.KafkaEventLog;
import io.kledger.projection.streams.StreamsFold;
import io.kledger.replay.LedgerOptions;
import io.kledger.replay.When;
import io.kledger.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A ledger with all its machines, for many threads to ask. One thread of its own folds: when the
 * service starts, for a machine that is new, and when a log has grown by a batch. Everything about
 * a ledger that cannot be opened is tried again when somebody asks.
 */
public final class ServedLedger implements AutoCloseable {
  private static final long PATIENCE_MILLIS = 10_000;

  private final LedgerUri uri;
  private final LedgerOptions options;
  private final ExecutorService folder =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("fold").daemon().factory());
  private final Map<MachineId, ServedMachine> machines = new TreeMap<>();
  private final Map<MachineId, Future<?>> folds = new TreeMap<>();
  private final StreamsFold.Options streams;
  private StreamedLedger streamed;
  private EventLog log;
  private boolean closed;

  /**
   * A machine as it stands.
   *
   * @param events position of the last event of its log
   * @param folded position that its stored state is at
   * @param ready whether it can be asked
   */
  public record Status(MachineId machine, long events, long folded, boolean ready) {}

  public ServedLedger(LedgerUri uri, LedgerOptions options) {
    this(uri, options, null);
  }

  /**
   * A ledger, folded by Kafka Streams.
   *
   * @param streams how an instance of it runs here; null: each machine is folded by this service
   */
  public ServedLedger(LedgerUri uri, LedgerOptions options, StreamsFold.Options streams) {
    if (streams != null && !(uri instanceof LedgerUri.Kafka)) {
      throw new IllegalArgumentException(
          "Kafka Streams folds ledgers in Kafka only, not " + uri + "; see kledger copy");
    }
    this.uri = uri;
    this.options = options;
    this.streams = streams;
  }

  public LedgerUri uri() {
    return uri;
  }

  /** How the ledger is opened, for those who read its log on their own. */
  public LedgerOptions options() {
    return options.withLog(existing());
  }

  /** Where the folded state is kept; null if it is kept nowhere that is this service's own. */
  public Path stateDirectory() {
    if (streams != null) {
      return null;
    }
    return options.state() != null
        ? options.state()
        : uri instanceof LedgerUri.Directory directory ? directory.path().resolve("state") : null;
  }

  /** Whether there is nothing to show: no machine, or a directory that is not there. */
  public boolean empty() {
    try {
      return machines().isEmpty();
    } catch (Unavailable e) {
      return uri instanceof LedgerUri.Directory directory && !Files.exists(directory.path());
    }
  }

  /**
   * Opens the ledger unless it is open, and begins to fold what is to be folded.
   *
   * @return its machines by name
   * @throws Unavailable if it cannot be opened
   */
  public synchronized List<Status> machines() {
    List<Status> result = new ArrayList<>();
    try {
      if (streams != null) {
        return streamed().machines();
      }
      for (MachineId machine : log().machines()) {
        ServedMachine served = served(machine);
        result.add(new Status(machine, log.end(machine), served.stored(), served.ready()));
      }
    } catch (LogException e) {
      throw new Unavailable(e.getMessage(), e);
    }
    return result;
  }

  private synchronized StreamedLedger streamed() {
    if (closed) {
      throw new Unavailable("the service is stopping");
    }
    if (streamed == null) {
      KafkaEventLog events = KafkaEventLog.open((LedgerUri.Kafka) uri, options.log());
      try {
        streamed = new StreamedLedger(events, streams, options);
      } catch (RuntimeException e) {
        events.close();
        throw e;
      }
    }
    return streamed;
  }

  private EventLog log() {
    if (closed) {
      throw new Unavailable("the service is stopping");
    }
    if (log == null) {
      log = EventLog.open(uri, options.log());
    }
    return log;
  }

  private ServedMachine served(MachineId machine) {
    ServedMachine served =
        machines.computeIfAbsent(
            machine, id -> new ServedMachine(uri, id, options.withLog(existing())));
    Future<?> fold = folds.get(machine);
    if (served.behind() && (fold == null || fold.isDone())) {
      folds.put(machine, folder.submit(() -> fold(served)));
    }
    return served;
  }

  private io.kledger.log.LogOptions existing() {
    return options.log().withCreate(false);
  }

  /** Until it is done, or the service stops. */
  private void fold(ServedMachine served) {
    try {
      served.fold();
    } catch (LogException | StoreException | IllegalArgumentException e) {
      options.notices().accept("cannot fold " + served.machine() + ": " + e.getMessage());
      throw e;
    }
  }

  /**
   * Answers a question about a machine at a moment; waits a little for a first fold.
   *
   * @return null if there is no such machine
   * @throws Elsewhere if another instance has its state
   * @throws NoSuchMoment if the log has no such moment
   * @throws Unavailable if it cannot be answered now
   */
  public <T> T ask(MachineId machine, When when, Function<Asked, T> question) {
    try {
      if (streams != null) {
        return streamed().ask(machine, when, question);
      }
      ServedMachine served = awaited(machine);
      return served == null ? null : served.ask(when, question);
    } catch (LogException | StoreException | RejectedExecutionException e) {
      throw new Unavailable(e.getMessage(), e);
    }
  }

  /**
   * Opens a machine for whoever reads longer than one question takes, such as a follower of its
   * changes; waits a little for a first fold.
   *
   * @return null if there is no such machine
   * @throws Elsewhere if another instance has its state
   * @throws Unavailable if it cannot be read now
   */
  public Reading read(MachineId machine) {
    try {
      if (streams != null) {
        return streamed().read(machine);
      }
      ServedMachine served = awaited(machine);
      return served == null ? null : served.read();
    } catch (LogException | StoreException | RejectedExecutionException e) {
      throw new Unavailable(e.getMessage(), e);
    }
  }

  /** The machine, if possible folded; null if there is none. */
  private ServedMachine awaited(MachineId machine) {
    ServedMachine served;
    Future<?> fold;
    synchronized (this) {
      if (!log().machines().contains(machine)) {
        return null;
      }
      served = served(machine);
      fold = folds.get(machine);
    }
    if (!served.ready()) {
      await(machine, fold);
    }
    return served;
  }

  private static void await(MachineId machine, Future<?> fold) {
    try {
      fold.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // What is asked will say that it is not ready.
      return;
    } catch (ExecutionException e) {
      throw new Unavailable(
          "the log of " + machine + " cannot be folded: " + e.getCause().getMessage(),
          e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public synchronized boolean closed() {
    return closed;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    folder.shutdownNow();
    try {
      folder.awaitTermination(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      machines.values().forEach(ServedMachine::close);
      if (streamed != null) {
        streamed.close();
        streamed = null;
      }
      if (log != null) {
        log.close();
        log = null;
      }
    }
  }
}

package io.kledger.projection.feed;

import io.kledger.event.MachineId;
import io.kledger.projection.ledger.Elsewhere;
import io.kledger.projection.ledger.Reading;
import io.kledger.projection.ledger.ServedLedger;
import io.kledger.projection.ledger.Unavailable;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jboss.logging.Logger;

/**
 * Counts what happened on a machine from its first event on, beside everything else, and goes on as
 * its log grows. What was counted is kept beside the state, so that a service that starts again
 * goes on where it was.
 */
final class Index implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger("io.kledger.feed");
  private static final int BATCH = 1_000;
  private static final long SAVE_EVERY = 200_000;
  private static final long IDLE_MILLIS = 100;
  private static final long RETRY_MILLIS = 1_000;

  private final MachineFeed feed;
  private final ServedLedger ledger;
  private final MachineId machine;
  private final Thread thread;
  private volatile Density density = new Density();
  private volatile boolean closed;
  private long saved;

  /** Of which log and model: counts of another are of no use. Null until it is known. */
  private String identity;

  Index(MachineFeed feed, ServedLedger ledger, MachineId machine) {
    this.feed = feed;
    this.ledger = ledger;
    this.machine = machine;
    thread = Thread.ofPlatform().daemon().name("index " + machine).start(this::run);
  }

  Density density() {
    return density;
  }

  private void run() {
    while (!closed) {
      try {
        if (identity == null) {
          load();
        }
        count();
      } catch (InterruptedException e) {
        return;
      } catch (Unavailable | Elsewhere e) {
        pause();
      } catch (RuntimeException e) {
        if (!closed) {
          LOG.errorf(e, "the timeline of %s at @%d; trying again", machine, density.events());
          pause();
        }
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  private void count() throws InterruptedException {
    try (Follower follower = feed.follow(density.events())) {
      while (!closed) {
        var next = follower.next(BATCH);
        next.forEach(density::add);
        if (density.events() - saved >= SAVE_EVERY) {
          save();
        }
        if (next.isEmpty()) {
          if (density.events() > saved && density.events() >= feed.end()) {
            save();
          }
          Thread.sleep(IDLE_MILLIS);
        }
      }
    }
  }

  private Path file() {
    Path directory = ledger.stateDirectory();
    return directory == null ? null : directory.resolve(machine.name() + ".timeline");
  }

  private void load() {
    try (Reading reading = ledger.read(machine)) {
      identity = reading.ledger().log().id() + " " + reading.ledger().fingerprint();
    }
    Path file = file();
    if (file == null || !Files.isRegularFile(file)) {
      return;
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      Density found = Density.read(in, identity);
      if (found != null && found.events() <= feed.end()) {
        density = found;
        saved = found.events();
      }
    } catch (IOException e) {
      LOG.debugf(e, "%s is counted anew", machine);
    }
  }

  private void save() {
    saved = density.events();
    Path file = file();
    if (file == null || !Files.isDirectory(file.getParent())) {
      return;
    }
    try {
      Path temporary = Files.createTempFile(file.getParent(), machine.name(), ".timeline~");
      try (DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(temporary)))) {
        density.write(out, identity);
      }
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.debugf(e, "the timeline of %s is kept in memory only", machine);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

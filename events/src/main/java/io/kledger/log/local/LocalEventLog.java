package io.kledger.log.local;

import io.kledger.event.MachineId;
import io.kledger.event.Position;
import io.kledger.log.Appender;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.LogOptions;
import io.kledger.log.SourceProgress;
import io.kledger.log.codec.ProgressCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The event log in a directory; see the package. */
public final class LocalEventLog implements EventLog {

  private final LedgerUri.Directory uri;
  private final LogOptions options;
  private final Disk disk;
  private final String id;
  private final SchemaStore schemas;
  private final Path machines;
  private final Map<MachineId, Visible> visible = new ConcurrentHashMap<>();
  private final Map<MachineId, PrefixCache> prefixes = new ConcurrentHashMap<>();
  private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private LocalEventLog(LedgerUri.Directory uri, LogOptions options, Disk disk, String id) {
    this.uri = uri;
    this.options = options;
    this.disk = disk;
    this.id = id;
    schemas = new SchemaStore(uri.path().resolve("schemas"));
    machines = uri.path().resolve("machines");
  }

  /**
   * Opens a ledger, or creates it if the options allow that.
   *
   * @throws LogException.NoLedger if there is none and it may not be created
   * @throws LogException.BadUri if the directory has other things in it
   */
  public static LocalEventLog open(LedgerUri.Directory uri, LogOptions options) {
    return open(uri, options, Disk.REAL);
  }

  static LocalEventLog open(LedgerUri.Directory uri, LogOptions options, Disk disk) {
    return new LocalEventLog(uri, options, disk, LedgerFile.open(uri, options.create()));
  }

  @Override
  public LedgerUri uri() {
    return uri;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public List<MachineId> machines() {
    requireOpen();
    var names = machines.toFile().list();
    var found = new ArrayList<MachineId>();
    for (var name : names == null ? new String[0] : names) {
      if (MachineId.isValid(name) && Files.isDirectory(machines.resolve(name))) {
        found.add(new MachineId(name));
      }
    }
    found.sort(null);
    return found;
  }

  @Override
  public long end(MachineId machine) {
    requireOpen();
    try {
      return visible(machine).end();
    } catch (IOException e) {
      throw Disk.failed("read", machines.resolve(machine.name()), e);
    }
  }

  @Override
  public Appender appender(MachineId machine) {
    requireOpen();
    var files = files(machine);
    try {
      schemas.addCurrent();
      var handle = new AutoCloseable[1];
      var appender = LocalAppender.open(files, options, disk, () -> open.remove(handle[0]));
      handle[0] = appender;
      open.add(appender);
      return appender;
    } catch (IOException e) {
      throw Disk.failed("write to", files.directory(), e);
    }
  }

  @Override
  public Cursor read(MachineId machine, long from) {
    requireOpen();
    Position.requireEvent(from);
    var files = files(machine);
    if (!Files.isDirectory(files.directory())) {
      throw new LogException.UnknownMachine(uri, machine);
    }
    var handle = new AutoCloseable[1];
    var cursor =
        new LocalCursor(
            files,
            visible(machine),
            schemas,
            prefixes.computeIfAbsent(machine, key -> new PrefixCache()),
            from,
            () -> open.remove(handle[0]));
    handle[0] = cursor;
    open.add(cursor);
    return cursor;
  }

  @Override
  public List<SourceProgress> sources(MachineId machine) {
    requireOpen();
    var files = files(machine);
    try {
      long end = visible(machine).end();
      var segments = files.segments();
      if (segments.length == 0) {
        return List.of();
      }
      long base = segments[segments.length - 1];
      var found = new TreeMap<Integer, SourceProgress>();
      try (var segment = Segment.open(files, base)) {
        segment.header().sources().forEach(source -> found.put(source.number(), source));
        SegmentWalk.verified(
            segment,
            segment.dataOffset(),
            base,
            (batch, offset, body) -> {
              if (batch.next() - 1 <= end) {
                ProgressCodec.decode(body.slice(0, batch.progressLength()))
                    .forEach(source -> found.put(source.number(), source));
              }
            });
      }
      return List.copyOf(found.values());
    } catch (IOException e) {
      throw Disk.failed("read", files.directory(), e);
    }
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
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("event log is closed: " + uri);
    }
  }

  private Visible visible(MachineId machine) {
    return visible.computeIfAbsent(machine, key -> new Visible(files(key), options.notices()));
  }

  private MachineFiles files(MachineId machine) {
    return new MachineFiles(machines.resolve(machine.name()), machine);
  }
}

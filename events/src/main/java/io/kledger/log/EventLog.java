package io.kledger.log;

import io.kledger.event.MachineId;
import java.util.List;

/**
 * The events of one or more machines, immutable and ordered per machine. Positions are dense per
 * machine and begin at 1. Machines are independent of each other.
 *
 * <p>An event is <em>acknowledged</em> when {@link Appender#commit()} returned after it: from then
 * on it survives a crash of the process and of the machine. Readers see acknowledged events only,
 * and never hold up the writer.
 *
 * <p>A log may be used by several threads; an {@link Appender} and a {@link Cursor} by one at a
 * time. All methods throw {@link LogException} for what goes wrong outside the program.
 */
public interface EventLog extends AutoCloseable {

  /** Where the log is, as it was opened. */
  LedgerUri uri();

  /** A name for this ledger that no other has, given when it was created: 36 characters. */
  String id();

  /**
   * The machines that have a log here, in order of their names; also those without an event yet.
   */
  List<MachineId> machines();

  /**
   * The position of the last acknowledged event, 0 if there is none (or no such machine). Other
   * processes' commits are seen.
   */
  long end(MachineId machine);

  /**
   * Begins writing to a machine's log, and creates it if there is none. A machine has one appender
   * at a time, among all processes. What a crash left half-written is cut back first.
   *
   * @throws LogException.Locked if there is another appender
   * @throws LogException.Damaged if the log cannot be continued
   */
  Appender appender(MachineId machine);

  /**
   * Begins reading at a position. The cost does not depend on the length of the log.
   *
   * @param from position of the first event to return; may lie beyond the end (then the cursor
   *     waits there); 1 is the beginning
   * @throws IllegalArgumentException if {@code from} is below 1
   * @throws LogException.UnknownMachine if the machine has no log here
   */
  Cursor read(MachineId machine, long from);

  /** What was imported from which source, acknowledged, by number of the source. */
  List<SourceProgress> sources(MachineId machine);

  /**
   * A machine of the log.
   *
   * @param end as {@link EventLog#end} gives it
   * @param sources as {@link EventLog#sources} gives them
   */
  record Summary(MachineId machine, long end, List<SourceProgress> sources) {}

  /** All machines, in order of their names, as they are at one moment. */
  default List<Summary> summaries() {
    return machines().stream().map(one -> new Summary(one, end(one), sources(one))).toList();
  }

  /** Closes what is open here, cursors and appenders too. Does not commit. */
  @Override
  void close();

  /**
   * Opens the ledger that a URI names.
   *
   * @param uri a directory or {@code kafka://host:port/prefix}
   * @param options see {@link LogOptions#DEFAULTS}
   * @throws LogException if there is nothing that can open it, or opening fails
   */
  static EventLog open(LedgerUri uri, LogOptions options) {
    return EventLogProvider.open(uri, options);
  }

  /** Opens with default options. */
  static EventLog open(LedgerUri uri) {
    return open(uri, LogOptions.DEFAULTS);
  }
}

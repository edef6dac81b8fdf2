package io.kledger.replay;

import io.kledger.engine.Engine;
import io.kledger.kernel.KernelState;
import io.kledger.log.LogOptions;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How a {@link Ledger} is opened.
 *
 * @param engines makes an engine over a state
 * @param modelVersion number of the engine's behaviour; another one folds the log anew
 * @param batch events per commit
 * @param sync whether a commit of state waits for the disk; the log is the truth, so it need not
 * @param state directory for the folded state; null: {@code state} in the ledger's directory, and
 *     in memory for a ledger that has none
 * @param readOnly never to store state: what is stored is read beside whoever writes it, and the
 *     writer's lock is left to others
 * @param log how the log is opened
 * @param notices receives a line for what a user should know: that the state is being rebuilt, that
 *     another process writes it
 */
public record LedgerOptions(
    Function<KernelState, Engine> engines,
    int modelVersion,
    int batch,
    boolean sync,
    Path state,
    boolean readOnly,
    LogOptions log,
    Consumer<String> notices) {
  public LedgerOptions {
    Objects.requireNonNull(engines, "engines");
    Objects.requireNonNull(log, "log");
    Objects.requireNonNull(notices, "notices");
    if (batch < 1) {
      throw new IllegalArgumentException("batch " + batch);
    }
  }

  /**
   * The usual: an existing ledger, commits of {@link Replayer#BATCH} events, state beside the log.
   */
  public static LedgerOptions of(Function<KernelState, Engine> engines, int modelVersion) {
    LogOptions log = LogOptions.DEFAULTS.withCreate(false);
    return new LedgerOptions(
        engines, modelVersion, Replayer.BATCH, false, null, false, log, log.notices());
  }

  public LedgerOptions withBatch(int value) {
    return new LedgerOptions(engines, modelVersion, value, sync, state, readOnly, log, notices);
  }

  public LedgerOptions withSync(boolean value) {
    return new LedgerOptions(engines, modelVersion, batch, value, state, readOnly, log, notices);
  }

  public LedgerOptions withState(Path value) {
    return new LedgerOptions(engines, modelVersion, batch, sync, value, readOnly, log, notices);
  }

  public LedgerOptions withReadOnly(boolean value) {
    return new LedgerOptions(engines, modelVersion, batch, sync, state, value, log, notices);
  }

  public LedgerOptions withLog(LogOptions value) {
    return new LedgerOptions(engines, modelVersion, batch, sync, state, readOnly, value, notices);
  }

  public LedgerOptions withNotices(Consumer<String> value) {
    return new LedgerOptions(engines, modelVersion, batch, sync, state, readOnly, log, value);
  }
}

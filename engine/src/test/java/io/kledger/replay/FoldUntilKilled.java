package io.kledger.replay;

import io.kledger.log.LedgerUri;
import io.kledger.log.LogOptions;
import java.nio.file.Path;

/** A process that folds a ledger in small commits until it is done or killed. */
final class FoldUntilKilled {
  private FoldUntilKilled() {}

  static LedgerOptions options() {
    return LedgerOptions.of(SyntheticKernel::engine, 1)
        .withBatch(10)
        .withSync(true)
        .withLog(LogOptions.DEFAULTS.withCreate(false).withSync(false));
  }

  public static void main(String[] arguments) {
    LedgerUri uri = new LedgerUri.Directory(Path.of(arguments[0]));
    try (Ledger ledger = Ledger.open(uri, null, options())) {
      long begin = ledger.store().position();
      boolean[] said = new boolean[1];
      ledger.catchUp(
          (event, folded, state) -> {
            // The first commit is done: from now on the process is worth killing.
            if (event.getPosition() > begin + 10 && !said[0]) {
              said[0] = true;
              System.out.println("at " + event.getPosition());
              System.out.flush();
            }
          });
      System.out.println("done");
    }
  }
}

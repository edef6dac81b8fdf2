package io.kledger.projection.ledger;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The ledger served, and the demo recording that is shown while that one is empty. */
@ApplicationScoped
public class Ledgers {
  @Inject ServedLedger served;

  /** Whether an empty ledger is shown as the demo recording. */
  @ConfigProperty(name = "kledger.demo", defaultValue = "true")
  boolean allowed;

  private DemoLedger demo;
  private final ScratchLedgers scratches = new ScratchLedgers();

  /**
   * A trace that was read to be looked at.
   *
   * @param machine name that it can be asked by
   * @param position of its last event
   * @param gaps places where lines are missing
   * @param rejected lines that could not be understood
   */
  public record Uploaded(String machine, long position, long gaps, long rejected) {}

  /**
   * Reads a trace or a recording into a ledger of its own.
   *
   * @param sent it as it was sent, which may be compressed
   */
  public Uploaded upload(byte[] trace, byte[] sent) throws IOException {
    return scratches.make(trace, sent);
  }

  public ServedLedger served() {
    return served;
  }

  /** Whether the ledger is empty, and the recording is shown instead. */
  public boolean showsDemo() {
    return allowed && served.empty();
  }

  /** The demo recording; made when it is first asked for. */
  public synchronized ServedLedger demo() {
    if (demo == null) {
      demo = new DemoLedger();
    }
    return demo.ledger();
  }

  /** The ledger in which a machine of this name is to be looked for. */
  public ServedLedger of(String machine) {
    if (machine.startsWith(ScratchLedgers.PREFIX)) {
      ServedLedger scratch = scratches.of(machine);
      if (scratch != null) {
        return scratch;
      }
    }
    return machine.equals(DemoLedger.MACHINE) && showsDemo() ? demo() : served;
  }

  @PreDestroy
  synchronized void close() {
    scratches.close();
    if (demo != null) {
      demo.close();
      demo = null;
    }
  }
}

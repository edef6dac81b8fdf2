package io.kledger.projection.ledger;

/** Another instance of the service has the machine's state. */
public final class Elsewhere extends RuntimeException {
  private final String server;

  public Elsewhere(String server) {
    super("the state is at " + server);
    this.server = server;
  }

  /** {@code host:port} of the instance that has it. */
  public String server() {
    return server;
  }
}

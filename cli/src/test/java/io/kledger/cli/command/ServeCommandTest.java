package io.kledger.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ServeCommandTest {

  private static Map<String, String> properties(String... arguments) {
    ServeCommand serve = new ServeCommand();
    new CommandLine(serve).parseArgs(arguments);
    return serve.properties();
  }

  @Test
  void theServiceIsToldOnlyWhatWasSaid() {
    assertThat(properties()).isEmpty();
    assertThat(properties("--ledger", "a/b", "--host", "::1", "--port", "0"))
        .isEqualTo(
            Map.of("kledger.ledger", "a/b", "quarkus.http.host", "::1", "quarkus.http.port", "0"));
  }

  @Test
  void aPortThatIsNoneIsAUsageError() {
    StringWriter err = new StringWriter();

    int status =
        Main.commandLine().setErr(new PrintWriter(err)).execute("serve", "--port", "65536");

    assertThat(status).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--port 65536: expected 0 to 65535");
  }
}

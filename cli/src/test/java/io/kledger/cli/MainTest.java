package io.kledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MainTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int kledger(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void printsTheVersionThatTheBuildWroteDown() {
    assertThat(kledger("--version")).isZero();
    assertThat(out.toString()).matches("kledger \\d+\\.\\d+\\.\\d+\\S*\\R");
  }

  @Test
  void anUnknownVerbIsAUsageError() {
    assertThat(kledger("no-such-verb")).isEqualTo(2);
    assertThat(err.toString()).contains("no-such-verb");
  }
}

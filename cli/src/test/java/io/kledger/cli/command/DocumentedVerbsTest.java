package io.kledger.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** docs/cli.md names every verb, and no verb or option that does not exist. */
class DocumentedVerbsTest {
  private static final Path PAGE = Path.of("..", "docs", "cli.md");
  private static final Pattern VERB = Pattern.compile("^\\| `([a-z-]+)");
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])(--[a-z][a-z-]*)");

  private static List<String> rows() throws IOException {
    return Files.readAllLines(PAGE).stream().filter(line -> VERB.matcher(line).find()).toList();
  }

  private static String verb(String row) {
    Matcher matcher = VERB.matcher(row);
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  @Test
  void everyVerbIsDocumented() throws IOException {
    TreeSet<String> documented = new TreeSet<>();
    rows().forEach(row -> documented.add(verb(row)));
    assertThat(documented).isEqualTo(new TreeSet<>(Main.commandLine().getSubcommands().keySet()));
  }

  @Test
  void everyOptionNamedBesideAVerbExists() throws IOException {
    Map<String, CommandLine> verbs = Main.commandLine().getSubcommands();
    List<String> missing = new ArrayList<>();
    for (String row : rows()) {
      Matcher option = OPTION.matcher(row);
      while (option.find()) {
        if (verbs.get(verb(row)).getCommandSpec().findOption(option.group(1)) == null) {
          missing.add(verb(row) + " " + option.group(1));
        }
      }
    }
    assertThat(missing).isEmpty();
  }
}

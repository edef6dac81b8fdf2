package io.kledger.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kledger.event.Bytes;
import io.kledger.ingest.strace.StraceLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioParserTest {
  private static Scenario parse(String text) throws ScenarioException {
    return ScenarioParser.parse("s.strace", text);
  }

  @Test
  void everyKindOfStatementIsKnown() throws ScenarioException {
    List<Statement> statements =
        parse(
                """
                # a comment
                @kernel 6.18 flock-timeout=on
                @file /srv/f mode=0644 content="a \\"b\\"\\n"

                100 flock(3, LOCK_EX) = 0  # it is free
                200 flock(3, LOCK_EX <unfinished ...>
                note> lock.block path=/srv/f pid=200
                100 exit_group(0) = ?
                100 +++ exited with 0 +++
                200 <... flock resumed>) = 0
                view> locks
                | 1: FLOCK  ADVISORY  WRITE 200 _ 0 EOF
                """)
            .statements();
    assertThat(statements).hasSize(9);
    Statement.Directive file = (Statement.Directive) statements.get(1);
    assertThat(file.kind()).isEqualTo("file");
    assertThat(file.words().words()).containsExactly(Bytes.of("/srv/f"));
    assertThat(file.words().get("content")).isEqualTo(Bytes.of("a \"b\"\n"));
    assertThat(statements.get(2).text()).isEqualTo("100 flock(3, LOCK_EX) = 0");
    Statement.Traced begun = (Statement.Traced) statements.get(3);
    assertThat(begun.parsed()).isInstanceOf(StraceLine.Unfinished.class);
    assertThat(begun.other()).isEqualTo(7);
    assertThat(((Statement.Traced) statements.get(7)).other()).isEqualTo(3);
    Statement.Note note = (Statement.Note) statements.get(4);
    assertThat(note.type()).isEqualTo("lock.block");
    assertThat(note.words().text("pid")).isEqualTo("200");
    Statement.View view = (Statement.View) statements.get(8);
    assertThat(view.lines())
        .containsExactly(new Statement.View.Line(12, "1: FLOCK  ADVISORY  WRITE 200 _ 0 EOF"));
  }

  @Test
  void aNumberSignInAStringIsNoComment() {
    assertThat(ScenarioParser.withoutComment("1 chdir(\"/a  # b\") = 0  # c"))
        .isEqualTo("1 chdir(\"/a  # b\") = 0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "| a line of no view; 1; 1; below a view",
        "@dir \"/a; 1; 6; closing quote",
        "@dir \"/a\\q\"; 1; 9; unknown escape",
        "@9; 1; 2; name of a directive",
        "view>; 1; 6; name of a view",
        "note> a b; 1; 6; one type",
        "5 <... flock resumed>) = 0; 1; 1; no unfinished call",
        "5 flock(3, LOCK_EX) 0; 1; 21; expected",
        "5 flock(3, LOCK_EX; 1; 19; expected",
        "nonsense; 1; 9; expected"
      })
  void errorsNameTheirPlace(String text, long line, int column, String problem) {
    ScenarioException e = catchThrowableOfType(ScenarioException.class, () -> parse(text));
    assertThat(e).hasMessageContaining(problem);
    assertThat(e.getMessage()).startsWith("s.strace:" + line + ":");
    assertThat(e.line()).isEqualTo(line);
    assertThat(e.column()).isEqualTo(column);
  }

  @Test
  void theKernelIsTheFirstStatement() {
    ScenarioException e =
        catchThrowableOfType(ScenarioException.class, () -> parse("@dir /a\n@kernel 6.18\n"));
    assertThat(e.line()).isEqualTo(2);
  }

  @Test
  void everyScenarioOfTheProjectCanBeRead() throws IOException {
    Path folder = Path.of("..", "scenarios");
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.filter(file -> file.toString().endsWith(".strace")).sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(280);
    for (Path file : files) {
      assertThat(ScenarioParser.read(file).statements()).as(file.toString()).isNotEmpty();
    }
  }
}

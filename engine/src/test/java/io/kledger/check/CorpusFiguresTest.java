package io.kledger.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.engine.Engines;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.RecordingFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The recordings of the real kernel: every line is read, and no figure is below those of {@code
 * corpus-figures.txt}, which is the output of {@code kledger check corpus}. A recording that fell
 * while the totals did not is a warning, and with {@code -Dkledger.strict=true} a failure.
 */
class CorpusFiguresTest {
  private static final Path CORPUS = Path.of("..", "corpus").toAbsolutePath().normalize();
  private static final Path FIGURES = Path.of("src", "test", "resources", "corpus-figures.txt");
  private static final String TOTAL = "total";
  private static final Pattern LINE =
      Pattern.compile(
          "(?:(\\S+) )?mountinfo (\\d+)/(\\d+) locks (\\d+)/(\\d+) tasks (\\d+)/(\\d+)"
              + " results (\\d+)/(\\d+) rejected-lines (\\d+)");

  /** What agreed, and how many results were predicted wrongly. */
  private record Figures(long mountinfo, long locks, long tasks, long wrong, long rejected) {
    static Figures of(Matcher line) {
      return new Figures(
          Long.parseLong(line.group(2)),
          Long.parseLong(line.group(4)),
          Long.parseLong(line.group(6)),
          Long.parseLong(line.group(9)) - Long.parseLong(line.group(8)),
          Long.parseLong(line.group(10)));
    }

    boolean below(Figures that) {
      return mountinfo < that.mountinfo
          || locks < that.locks
          || tasks < that.tasks
          || wrong > that.wrong;
    }
  }

  @Test
  void noFigureFallsAndNoLineIsRejected() throws IOException {
    SortedMap<String, Figures> wanted = new TreeMap<>();
    for (String line : Files.readAllLines(FIGURES)) {
      put(wanted, line);
    }
    SortedMap<String, Figures> got = new TreeMap<>();
    List<String> rejected = new ArrayList<>();
    Tally total = Tally.NONE;
    for (CheckReport report :
        RecordingFiles.under(CORPUS).parallelStream().map(CorpusFiguresTest::check).toList()) {
      total = total.plus(report.tally());
      put(got, report.name() + " " + report.tally());
      if (report.tally().rejected() > 0 || report.failure() != null) {
        rejected.add(report.name() + " " + report.tally() + " " + report.failure());
      }
    }
    put(got, total.toString());
    List<String> fell = new ArrayList<>();
    wanted.forEach(
        (name, before) -> {
          Figures now = got.get(name);
          if (now == null || now.below(before)) {
            fell.add(name + ": " + before + " became " + now);
          }
        });
    assertThat(rejected).as("recordings with lines that could not be read").isEmpty();
    assertThat(got.get(TOTAL).below(wanted.get(TOTAL)))
        .as("figures below corpus-figures.txt: %s", fell)
        .isFalse();
    if (Boolean.getBoolean("kledger.strict")) {
      assertThat(fell).isEmpty();
    }
    fell.forEach(line -> System.err.println("warning: recording fell: " + line));
  }

  private static void put(SortedMap<String, Figures> figures, String line) {
    Matcher matcher = LINE.matcher(line);
    if (matcher.matches()) {
      figures.put(matcher.group(1) == null ? TOTAL : matcher.group(1), Figures.of(matcher));
    }
  }

  private static CheckReport check(Path path) {
    try {
      return RecordingCheck.run(RecordingArchive.open(path), null, Engines::create);
    } catch (IOException e) {
      throw new UncheckedIOException(path.toString(), e);
    }
  }
}

package io.kledger.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.MountsObserved;
import io.kledger.filter.Filter;
import io.kledger.ingest.audit.AuditOptions;
import io.kledger.ingest.audit.AuditReader;
import io.kledger.ingest.proc.ProcText;
import io.kledger.ingest.strace.EventRenderer;
import io.kledger.ingest.strace.StraceOptions;
import io.kledger.ingest.strace.StraceReader;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.LogOptions;
import io.kledger.log.avro.AvroImport;
import io.kledger.log.avro.JsonLines;
import io.kledger.replay.FeedCursor;
import io.kledger.replay.When;
import io.kledger.view.MountInfo;
import io.kledger.view.StateObjects;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Whatever bytes come, a parser reads them or refuses them: no other exception, no endless loop.
 * {@code mvn test} runs each target on its seeds and on mutations of them; {@code .ci/fuzz} lets
 * Jazzer look for more, for 60 seconds each. What it finds is kept among the seeds.
 */
class ParserFuzzTest {
  private static final String DURATION = "60s";
  private static final long MUTATIONS = 1_000;
  private static final MachineId MACHINE = new MachineId("fuzz");

  /** A parser that is given bytes. */
  private interface Target {
    void read(byte[] data) throws IOException;
  }

  private static ByteArrayInputStream in(byte[] data) {
    return new ByteArrayInputStream(data);
  }

  private static String latin1(byte[] data) {
    return new String(data, StandardCharsets.ISO_8859_1);
  }

  @FuzzTest(maxDuration = DURATION)
  void strace(byte[] data) throws IOException {
    StraceOptions options = StraceOptions.of("fuzz").withSalvage(true);
    try (StraceReader reader = StraceReader.open(in(data), options)) {
      reader.read(
          event -> {
            assertThat(EventRenderer.line(event)).isNotNull();
            return 0;
          });
    }
  }

  @FuzzTest(maxDuration = DURATION)
  void audit(byte[] data) throws IOException {
    AuditReader.recognizes(latin1(data));
    AuditReader.nodes(in(data));
    AuditOptions options = AuditOptions.of("fuzz").withSalvage(true);
    try (AuditReader reader = AuditReader.open(in(data), options)) {
      reader.read(
          event -> {
            assertThat(EventRenderer.line(event)).isNotNull();
            return 0;
          });
    }
  }

  @FuzzTest(maxDuration = DURATION)
  void jsonLines(byte[] data) throws IOException {
    try (JsonLines events = JsonLines.open("fuzz", in(data))) {
      for (Event event = events.next(); event != null; event = events.next()) {
        assertThat(EventRenderer.line(event)).isNotNull();
      }
    } catch (LogException e) {
      assertThat(e).hasMessageContaining("fuzz");
    }
  }

  @FuzzTest(maxDuration = DURATION)
  void avro(byte[] data) {
    try (AvroImport events = AvroImport.open("fuzz", in(data))) {
      for (Event event = events.next(); event != null; event = events.next()) {
        assertThat(EventRenderer.line(event)).isNotNull();
      }
    } catch (LogException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @FuzzTest(maxDuration = DURATION)
  void filter(byte[] data) {
    try {
      assertThat(Filter.parse(latin1(data))).isNotNull();
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
    try {
      assertThat(When.parse(latin1(data))).isNotNull();
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @FuzzTest(maxDuration = DURATION)
  void cursor(byte[] data) throws IOException {
    Path directory = Files.createTempDirectory("kledger-fuzz");
    try (EventLog log =
        EventLog.open(
            new LedgerUri.Directory(directory.resolve("l")), LogOptions.DEFAULTS.withSync(false))) {
      assertThat(FeedCursor.parse(latin1(data), log, MACHINE)).isNotNull();
    } catch (FeedCursor.Unusable e) {
      assertThat(e.getMessage()).isNotBlank();
    } finally {
      try (Stream<Path> tree = Files.walk(directory)) {
        for (Path path : tree.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @FuzzTest(maxDuration = DURATION)
  void mountinfo(byte[] data) {
    KernelState state = new KernelState();
    Engine engine = Engines.create(state);
    engine.fold(new Event(1L, 0L, -1L, 0, 0, 0L, new MountsObserved(0L, 7, ProcText.lines(data))));
    state.namespaces.rows().stream()
        .filter(namespace -> namespace.kind() == NamespaceKind.MOUNT)
        .forEach(
            namespace ->
                assertThat(
                        MountInfo.lines(
                            state, namespace.key(), io.kledger.kernel.file.Place.UNKNOWN))
                    .isNotNull());
    assertThat(StateObjects.of(state, true)).isNotNull();
  }

  private Map<String, Target> targets() {
    Map<String, Target> targets = new TreeMap<>();
    targets.put("strace", this::strace);
    targets.put("audit", this::audit);
    targets.put("jsonLines", this::jsonLines);
    targets.put("avro", this::avro);
    targets.put("filter", this::filter);
    targets.put("mountinfo", this::mountinfo);
    return targets;
  }

  private static List<byte[]> seeds(String target) throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    Path directory = Path.of("src/test/resources/io/kledger/fuzz/ParserFuzzTestInputs", target);
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        seeds.add(Files.readAllBytes(file));
      }
    }
    assertThat(seeds).as("seeds of " + target).isNotEmpty();
    return seeds;
  }

  /** A few seconds of what Jazzer does, the same on every run. */
  @Test
  void mutatedSeedsAreReadOrRefused() throws IOException {
    for (Map.Entry<String, Target> target : targets().entrySet()) {
      List<byte[]> seeds = seeds(target.getKey());
      for (long n = 0; n < MUTATIONS; n++) {
        Random random = new Random(n);
        byte[] data = mutated(random, seeds.get(random.nextInt(seeds.size())), seeds);
        try {
          target.getValue().read(data);
        } catch (RuntimeException | Error | IOException e) {
          throw new AssertionError(
              target.getKey() + " seed " + n + ": " + latin1(data).replaceAll("[^ -~]", "?"), e);
        }
      }
    }
  }

  private static byte[] mutated(Random random, byte[] seed, List<byte[]> others) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] other = others.get(random.nextInt(others.size()));
    int from = random.nextInt(seed.length + 1);
    int length = Math.min(seed.length - from, 1 + random.nextInt(600));
    for (int i = from; i < from + length; i++) {
      switch (random.nextInt(60)) {
        case 0 -> out.write(random.nextInt(256));
        case 1 -> out.write(" =\"\\(){}[]<>,|-/:0\n".charAt(random.nextInt(19)));
        case 2 -> {}
        case 3 -> {
          int at = random.nextInt(other.length + 1);
          out.write(other, at, Math.min(other.length - at, random.nextInt(24)));
        }
        default -> out.write(seed[i]);
      }
    }
    return out.toByteArray();
  }
}

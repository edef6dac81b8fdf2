package io.kledger.ingest.strace;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.avro.Gap;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.Syscall;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Everything that was recorded of real kernels is read, and printed back. */
class CorpusTest {
  @Test
  void everyLineOfEveryRecordingIsAnEvent() throws IOException {
    Map<String, Integer> reasons = new TreeMap<>();
    List<String> gaps = new ArrayList<>();
    for (Path archive : Corpus.archives()) {
      long events = read(archive, (line, call) -> count(call, reasons), gaps);
      assertThat(events).as(archive.toString()).isPositive();
    }
    reasons.forEach((reason, count) -> System.out.printf("%6d opaque: %s%n", count, reason));
    assertThat(gaps).isEmpty();
    // What strace prints as bare addresses cannot be bound; anything else is an error in the
    // binder.
    assertThat(reasons.keySet()).allMatch(reason -> reason.endsWith("is not shown"));
  }

  @Test
  void whatIsPrintedIsReadBackAsTheSame() throws IOException {
    StraceLineParser parser = new StraceLineParser(StraceOptions.of("printed"));
    List<String> gaps = new ArrayList<>();
    for (Path archive : Corpus.archives()) {
      read(
          archive,
          (line, call) -> {
            if (call.getPhase() == Phase.ENTERED || reason(call) != null) {
              return;
            }
            byte[] text = CallRenderer.line(call.getCall(), call.getOutcome()).toArray();
            String where = archive + ":" + line + " " + new String(text, StandardCharsets.UTF_8);
            try {
              StraceLine.Call again = (StraceLine.Call) parser.parse(text, 0, text.length, line);
              if (!again.call().equals(call.getCall())
                  || !again.outcome().equals(call.getOutcome())) {
                assertThat(again.call()).as(where).isEqualTo(call.getCall());
                assertThat(again.outcome()).as(where).isEqualTo(call.getOutcome());
              }
            } catch (StraceSyntaxException e) {
              throw new AssertionError(where, e);
            }
          },
          gaps);
    }
  }

  private interface CallVisitor {
    void visit(long line, Syscall call);
  }

  private static long read(Path archive, CallVisitor visitor, List<String> gaps)
      throws IOException {
    StraceOptions options = StraceOptions.of(archive.getFileName().toString()).withSalvage(true);
    byte[] trace = Corpus.trace(archive);
    StraceReader reader = StraceReader.open(new ByteArrayInputStream(trace), options);
    reader.read(
        event -> {
          if (event.getBody() instanceof Syscall call) {
            visitor.visit(event.getLine(), call);
          } else if (event.getBody() instanceof Gap gap) {
            gaps.add(archive + ":" + gap.getLine() + ":" + gap.getColumn() + " " + gap.getReason());
          }
          return event.getLine();
        });
    assertThat(reader.events()).isEqualTo(reader.lines());
    return reader.events();
  }

  private static void count(Syscall call, Map<String, Integer> reasons) {
    String reason = reason(call);
    if (reason != null && call.getPhase() != Phase.ENTERED) {
      reasons.merge(CallRenderer.name(call.getCall()) + ": " + reason, 1, Integer::sum);
    }
  }

  private static String reason(Syscall call) {
    return call.getCall() instanceof OpaqueCall opaque && !opaque.getReason().isEmpty()
        ? opaque.getReason()
        : null;
  }
}

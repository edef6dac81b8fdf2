package io.kledger.log.local;

import io.kledger.log.LogOptions;
import io.kledger.log.SampleEvents;
import io.kledger.log.source.LineReader;
import io.kledger.log.source.Source;
import io.kledger.log.source.SourceInput;
import io.kledger.log.source.SourceTracker;
import java.nio.file.Path;
import java.util.Random;

/** A process that appends until it is killed, and says what was acknowledged. */
public final class CrashingWriter {

  private CrashingWriter() {}

  /** Arguments: {@code append} or {@code import}, directory, seed, file to import. */
  public static void main(String[] arguments) throws Exception {
    var random = new Random(Long.parseLong(arguments[2]));
    var options =
        LogOptions.DEFAULTS
            .withBatchBytes(200 + random.nextInt(4000))
            .withSegmentBytes(5_000 + random.nextInt(60_000));
    try (var log = LogFixture.open(Path.of(arguments[1]), options);
        var appender = log.appender(LogFixture.M)) {
      say("begin " + appender.committed());
      if (arguments[0].equals("append")) {
        while (true) {
          for (int i = random.nextInt(40); i >= 0; i--) {
            appender.append(SampleEvents.nth(appender.next()));
          }
          say("ack " + appender.commit());
        }
      }
      var path = Path.of(arguments[3]);
      try (var tracker =
          SourceTracker.open(
              log, appender, new Source("crash", "lines", ""), SourceInput.file(path))) {
        LineReader.read(
            tracker.input(),
            event -> {
              long position = tracker.accept(event);
              if (random.nextInt(60) == 0) {
                say("ack " + tracker.commit());
              }
              return position;
            });
        tracker.finish();
      }
    }
  }

  private static void say(String text) {
    System.out.println(text);
    System.out.flush();
  }
}

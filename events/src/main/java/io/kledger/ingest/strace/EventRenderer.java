package io.kledger.ingest.strace;

import io.kledger.abi.Constants;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Environment;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.Setting;
import io.kledger.event.avro.SignalDelivered;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TaskDied;
import io.kledger.event.avro.TaskSuperseded;
import io.kledger.event.avro.TracerMessage;
import java.nio.ByteBuffer;
import org.apache.avro.specific.SpecificRecordBase;

/** Prints events as lines of a trace, {@code strace -f -ttt}. */
public final class EventRenderer {
  private static final long SECOND = 1_000_000_000L;

  private EventRenderer() {}

  /**
   * One line, without a line end. What is no line of a trace becomes a comment, an
   * {@code @directive} if it is one.
   */
  public static Bytes line(Event event) {
    TextBuffer out = new TextBuffer();
    switch (event.getBody()) {
      case Syscall call -> syscall(event, call, out);
      case SignalDelivered signal -> {
        head(event, null, out);
        signal(signal, out);
      }
      case TaskDied death -> {
        head(event, null, out);
        death(death, out);
      }
      case TaskSuperseded superseded -> {
        head(event, null, out);
        out.put("+++ superseded by execve in pid " + superseded.getBy() + " +++");
      }
      case TracerMessage message -> {
        if (event.getTid() != 0) {
          head(event, null, out);
        }
        out.put(message.getText());
      }
      case Environment statement -> environment(statement, out);
      case Gap gap -> {
        out.put("# gap: " + gap.getReason());
        if (gap.getText() != null) {
          out.put(": ").put(gap.getText());
        }
      }
      case SpecificRecordBase other -> out.put("# " + other.getSchema().getName());
      default -> throw new IllegalArgumentException("no event: " + event.getBody().getClass());
    }
    return out.toBytes();
  }

  private static void head(Event event, ByteBuffer prefix, TextBuffer out) {
    String tid = Integer.toString(event.getTid());
    out.put(tid);
    if (prefix != null && prefix.hasRemaining() && prefix.get(prefix.position()) == '<') {
      out.put(prefix).put(' ');
    } else {
      out.put(" ".repeat(Math.max(1, 6 - tid.length())));
    }
    if (event.getRealtime() != 0) {
      long time = event.getRealtime();
      out.put(String.format("%d.%06d ", time / SECOND, time % SECOND / 1000));
    }
    if (prefix != null && prefix.hasRemaining() && prefix.get(prefix.position()) == '[') {
      out.put(prefix).put(' ');
    }
  }

  private static void syscall(Event event, Syscall call, TextBuffer out) {
    head(event, call.getPrefix(), out);
    String name = CallRenderer.name(call.getCall());
    switch (call.getPhase()) {
      case WHOLE -> {
        out.put(name).put('(');
        CallRenderer.arguments(call.getCall(), out);
        out.put(')');
      }
      case ENTERED -> {
        out.put(name).put('(');
        CallRenderer.entered(call.getCall(), out);
        out.put(" <unfinished ...>");
        return;
      }
      case RETURNED -> {
        out.put("<... " + name + " resumed>");
        CallRenderer.resumed(call.getCall(), out);
        out.put(')');
      }
    }
    out.put(" = ");
    if (call.getOutcome() == null) {
      out.put('?');
    } else {
      CallRenderer.result(call.getOutcome(), out);
    }
    if (call.getDuration() != null) {
      long nanos = call.getDuration();
      out.put(String.format(" <%d.%06d>", nanos / SECOND, nanos % SECOND / 1000));
    }
  }

  private static void signal(SignalDelivered signal, TextBuffer out) {
    String name = Constants.group("signal").constant(signal.getSignal());
    if (signal.getStopped()) {
      out.put("--- stopped by " + name + " ---");
    } else {
      out.put("--- " + name + " ").put(signal.getInfo()).put(" ---");
    }
  }

  private static void death(TaskDied death, TextBuffer out) {
    if (death.getSignal() == 0) {
      out.put("+++ exited with " + death.getStatus() + " +++");
    } else {
      String name = Constants.group("signal").constant(death.getSignal());
      out.put("+++ killed by " + name + (death.getCoreDumped() ? " (core dumped) +++" : " +++"));
    }
  }

  private static void environment(Environment statement, TextBuffer out) {
    out.put("@" + statement.getKind());
    for (ByteBuffer word : statement.getWords()) {
      out.put(' ').put(word);
    }
    for (Setting setting : statement.getSettings()) {
      out.put(" " + setting.getKey() + "=").put(setting.getValue());
    }
  }
}

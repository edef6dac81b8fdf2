package io.kledger.filter;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Syscall;
import io.kledger.ingest.strace.CallRenderer;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * The fields of an event. The state, if there is one, is that before or after it: it gives the
 * names of tasks.
 */
public final class EventFields implements Function<String, String> {
  private final Event event;
  private final KernelState state;

  /**
   * @param state null where nothing is folded
   */
  public EventFields(Event event, KernelState state) {
    this.event = event;
    this.state = state;
  }

  @Override
  public String apply(String field) {
    return switch (field) {
      case "evt.num" -> Long.toString(event.getPosition());
      case "evt.line" -> Long.toString(event.getLine());
      case "evt.type" -> type(event);
      case "evt.time" -> event.getRealtime() == 0 ? null : time(event.getRealtime());
      case "evt.failed" -> {
        Syscall call = call();
        yield call == null || call.getOutcome() == null
            ? null
            : Boolean.toString(call.getOutcome().getError() != 0);
      }
      case "evt.res" -> {
        Syscall call = call();
        yield call == null || call.getOutcome() == null
            ? null
            : CallRenderer.result(call.getOutcome()).latin1();
      }
      case "evt.args" -> call() == null ? null : CallRenderer.arguments(call().getCall()).latin1();
      case "proc.tid" -> event.getTid() == 0 ? null : Integer.toString(event.getTid());
      case "proc.pid" -> pid();
      case "proc.name" -> {
        Task task = state == null ? null : state.task(event.getTid());
        yield task == null ? null : task.comm().latin1();
      }
      case "fd.num" -> fd() == null ? null : Integer.toString(fd().getNumber());
      case "fd.name" ->
          fd() == null || fd().getTarget() == null ? null : Bytes.of(fd().getTarget()).latin1();
      default -> null;
    };
  }

  /** The call's name; of other events the name of their kind. */
  public static String type(Event event) {
    return event.getBody() instanceof Syscall call
        ? CallRenderer.name(call.getCall())
        : event.getBody().getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  /** RFC 3339, UTC. */
  public static String time(long realtime) {
    return Instant.ofEpochSecond(realtime / 1_000_000_000L, realtime % 1_000_000_000L).toString();
  }

  private Syscall call() {
    return event.getBody() instanceof Syscall call ? call : null;
  }

  private String pid() {
    Task task = state == null ? null : state.task(event.getTid());
    var group = task == null ? null : state.groups.get(task.group());
    int number = group == null ? event.getTid() : group.tgid();
    return number == 0 ? null : Integer.toString(number);
  }

  /** The first descriptor among the arguments. */
  private Fd fd() {
    if (call() != null && call().getCall() instanceof SpecificRecordBase record) {
      for (var field : record.getSchema().getFields()) {
        if (record.get(field.pos()) instanceof Fd fd) {
          return fd;
        }
      }
    }
    return null;
  }
}

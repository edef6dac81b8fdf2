package io.kledger.ingest.strace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.event.Bytes;
import io.kledger.event.avro.CloneCall;
import io.kledger.event.avro.CloseCall;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.ExecveCall;
import io.kledger.event.avro.ExitGroupCall;
import io.kledger.event.avro.FlockCall;
import io.kledger.event.avro.Gap;
import io.kledger.event.avro.OpaqueCall;
import io.kledger.event.avro.Phase;
import io.kledger.event.avro.SignalDelivered;
import io.kledger.event.avro.Syscall;
import io.kledger.event.avro.TaskDied;
import io.kledger.event.avro.TaskSuperseded;
import io.kledger.event.avro.TracerMessage;
import io.kledger.event.avro.VforkCall;
import io.kledger.event.avro.Wait4Call;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each form of a line, and the event it becomes. */
class LineFormsTest {
  private StraceOptions options = StraceOptions.of("trace");

  @Test
  void aCompleteCallIsWhole() throws IOException {
    Event event = read("5     1795448329.268739 close(3</tmp/f>)  = 0").getFirst();

    assertThat(event.getTid()).isEqualTo(5);
    assertThat(event.getLine()).isEqualTo(1);
    assertThat(event.getRealtime()).isEqualTo(1_795_448_329_268_739_000L);
    assertThat(event.getMonotonic()).isEqualTo(-1);
    Syscall call = call(event);
    assertThat(call.getPhase()).isEqualTo(Phase.WHOLE);
    CloseCall close = (CloseCall) call.getCall();
    assertThat(close.getFd().getNumber()).isEqualTo(3);
    assertThat(text(close.getFd().getTarget())).isEqualTo("/tmp/f");
    assertThat(call.getOutcome().getValue()).isZero();
    assertThat(call.getOutcome().getUnknown()).isFalse();
  }

  @Test
  void aSplitCallIsEnteredAndReturned() throws IOException {
    List<Event> events =
        read(
            "5 flock(3</f>, LOCK_EX <unfinished ...>",
            "6 close(4) = 0",
            "5 <... flock resumed>) = 0");

    assertThat(call(events.get(0)).getPhase()).isEqualTo(Phase.ENTERED);
    assertThat(call(events.get(0)).getOutcome()).isNull();
    assertThat(((FlockCall) call(events.get(0)).getCall()).getOperation()).isEqualTo(2);
    Syscall returned = call(events.get(2));
    assertThat(returned.getPhase()).isEqualTo(Phase.RETURNED);
    assertThat(returned.getEntered()).isEqualTo(1);
    assertThat(returned.getCall()).isEqualTo(call(events.get(0)).getCall());
  }

  @Test
  void bothVersionsCutACallVerbatim() throws IOException {
    for (String[] halves :
        new String[][] {
          {"wait4(-1,  <unfinished ...>", "<... wait4 resumed>NULL, WNOHANG, NULL) = 6"},
          {"wait4(-1 <unfinished ...>", "<... wait4 resumed>, NULL, WNOHANG, NULL) = 6"},
        }) {
      List<Event> events = read("5 " + halves[0], "5 " + halves[1]);
      OpaqueCall entered = (OpaqueCall) call(events.get(0)).getCall();
      assertThat(entered.getName()).isEqualTo("wait4");
      assertThat(text(entered.getArguments()).strip()).startsWith("-1");
      assertThat(entered.getReason()).isEqualTo(StraceLineParser.INCOMPLETE);
      Wait4Call wait = (Wait4Call) call(events.get(1)).getCall();
      assertThat(wait.getPid()).isEqualTo(-1);
      assertThat(wait.getOptions()).isEqualTo(1);
    }
  }

  @Test
  void callsThatAreAllThereAtEntryAreTypedAtEntry() throws IOException {
    assertThat(call(read("5 vfork( <unfinished ...>").getFirst()).getCall())
        .isInstanceOf(VforkCall.class);
    assertThat(
            call(read("5 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>").getFirst())
                .getCall())
        .isInstanceOfSatisfying(CloneCall.class, c -> assertThat(c.getFlags()).isEqualTo(17));
    assertThat(call(read("5 execve(\"/x\", [\"x\"], [] <unfinished ...>").getFirst()).getCall())
        .isInstanceOf(ExecveCall.class);
  }

  @Test
  void aCallThatDoesNotReturnHasAnUnknownResult() throws IOException {
    Syscall exit = call(read("5 exit_group(3)                     = ?").getFirst());
    assertThat(((ExitGroupCall) exit.getCall()).getStatus()).isEqualTo(3);
    assertThat(exit.getOutcome().getUnknown()).isTrue();
    Syscall unavailable = call(read("5 close(3) = ? <unavailable>").getFirst());
    assertThat(text(unavailable.getOutcome().getDetail())).isEqualTo("<unavailable>");
  }

  @Test
  void aTaskKilledInACallLeavesItOpen() throws IOException {
    List<Event> events =
        read(
            "7 wait4(-1,  <unfinished ...>",
            "7 <... wait4 resumed> <unfinished ...>) = ?",
            "7 +++ killed by SIGKILL +++",
            "8 ???( <unfinished ...>",
            "8 +++ killed by SIGSEGV (core dumped) +++",
            "8 close(3) = 0");
    assertThat(call(events.get(1)).getOutcome().getUnknown()).isTrue();
    assertThat(events.get(2).getBody()).isEqualTo(new TaskDied(0, 9, false));
    assertThat(((OpaqueCall) call(events.get(3)).getCall()).getName()).isEqualTo("???");
    assertThat(events.get(4).getBody()).isEqualTo(new TaskDied(0, 11, true));
    assertThat(events).hasSize(6);
  }

  @Test
  void exitsAndSignals() throws IOException {
    List<Event> events =
        read(
            "5 +++ exited with 7 +++",
            "5 --- SIGCHLD {si_signo=SIGCHLD, si_pid=6} ---",
            "5 --- stopped by SIGSTOP ---");
    assertThat(events.get(0).getBody()).isEqualTo(new TaskDied(7, 0, false));
    SignalDelivered signal = (SignalDelivered) events.get(1).getBody();
    assertThat(signal.getSignal()).isEqualTo(17);
    assertThat(text(signal.getInfo())).isEqualTo("{si_signo=SIGCHLD, si_pid=6}");
    assertThat(((SignalDelivered) events.get(2).getBody()).getStopped()).isTrue();
  }

  @Test
  void execByAThreadGoesOnUnderTheLeader() throws IOException {
    List<Event> events =
        read(
            "8 execve(\"/x\", [\"x\"], [] <unfinished ...>",
            "5 futex(0x7f00, FUTEX_WAIT, 0, NULL <unfinished ...>",
            "5 +++ superseded by execve in pid 8 +++",
            "5 <... execve resumed>) = 0");
    assertThat(events.get(2).getBody()).isEqualTo(new TaskSuperseded(8));
    assertThat(call(events.get(3)).getCall()).isInstanceOf(ExecveCall.class);
    assertThat(call(events.get(3)).getEntered()).isEqualTo(1);
  }

  @Test
  void aResumedCallThatNeverBeganStaysAsText() throws IOException {
    Syscall call = call(read("5 <... read resumed>\"a)b\", 10) = 3").getFirst());
    OpaqueCall opaque = (OpaqueCall) call.getCall();
    assertThat(call.getPhase()).isEqualTo(Phase.RETURNED);
    assertThat(text(opaque.getArguments())).isEqualTo("\"a)b\", 10");
    assertThat(call.getOutcome().getValue()).isEqualTo(3);
  }

  @Test
  void aReturnThatIsMissingIsAGap() throws IOException {
    List<Event> events = read("5 vfork( <unfinished ...>", "5 close(3) = 0");
    assertThat(((Gap) events.get(1).getBody()).getReason()).contains("vfork");
    assertThat(call(events.get(2)).getCall()).isInstanceOf(CloseCall.class);
  }

  @Test
  void errorsRestartsAndDetails() throws IOException {
    Syscall call = call(read("5 close(9) = -1 EBADF (Bad file descriptor)").getFirst());
    assertThat(call.getOutcome().getError()).isEqualTo(9);
    assertThat(call.getOutcome().getDetail()).isNull();
    call =
        call(read("5 close(9) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)").getFirst());
    assertThat(call.getOutcome().getError()).isEqualTo(512);
    assertThat(call.getOutcome().getUnknown()).isFalse();
    call = call(read("5 close(9) = -1 EBADF (Bad file descriptor) (INJECTED)").getFirst());
    assertThat(text(call.getOutcome().getDetail())).isEqualTo("(INJECTED)");
    call = call(read("5 fcntl(3, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)").getFirst());
    assertThat(call.getOutcome().getValue()).isEqualTo(0x8002);
    call = call(read("5 dup(3) = -1 (errno 600)").getFirst());
    assertThat(call.getOutcome().getError()).isEqualTo(600);
    call = call(read("5 fork() = 2 /* 19 in strace's PID NS */").getFirst());
    assertThat(call.getOutcome().getTracerPid()).isEqualTo(19);
    call = call(read("5 fork() = 2<sh> /* 19 in strace's PID NS */ <0.000042>").getFirst());
    assertThat(call.getOutcome().getTracerPid()).isEqualTo(19);
    assertThat(call.getDuration()).isEqualTo(42_000);
  }

  @Test
  void pidsComeInThreeForms() throws IOException {
    assertThat(read("close(3) = 0").getFirst().getTid()).isEqualTo(1);
    assertThat(read("[pid  1234] close(3) = 0").getFirst().getTid()).isEqualTo(1234);
    assertThat(read("1795448329.268739 close(3) = 0").getFirst().getTid()).isEqualTo(1);
    Event named = read("5<a> b> 1795448329.268739 close(3) = 0").getFirst();
    assertThat(named.getTid()).isEqualTo(5);
    assertThat(text(call(named).getPrefix())).isEqualTo("<a> b>");
    Event bracket = read("[pid 77<x y>] close(3) = 0").getFirst();
    assertThat(bracket.getTid()).isEqualTo(77);
    options = options.withDefaultTid(42);
    assertThat(read("close(3) = 0").getFirst().getTid()).isEqualTo(42);
  }

  @Test
  void numbersAndAddressesBeforeTheCallAreKept() throws IOException {
    Event event = read("5 [  21] [0000000000431167] close(3) = 0").getFirst();
    assertThat(text(call(event).getPrefix())).isEqualTo("[  21] [0000000000431167]");
  }

  @Test
  void timesOfDayPassMidnight() throws IOException {
    options = options.withDate(LocalDate.of(2026, 1, 1));
    List<Event> events =
        read("5 23:59:59.5 close(3) = 0", "6 00:00:01 close(3) = 0", "5 23:59:59.9 close(3) = 0");
    long midnight = LocalDate.of(2026, 1, 2).toEpochDay() * 86_400_000_000_000L;
    assertThat(events)
        .extracting(Event::getRealtime)
        .containsExactly(
            midnight - 500_000_000L, midnight + 1_000_000_000L, midnight - 100_000_000L);
  }

  @Test
  void relativeTimesAddUp() throws IOException {
    List<Event> events = read("5      0.000034 close(3) = 0", "5      0.024345 close(3) = 0");
    assertThat(events).extracting(Event::getMonotonic).containsExactly(34_000L, 24_379_000L);
    assertThat(events).extracting(Event::getRealtime).containsOnly(0L);
  }

  @Test
  void messagesOfStraceAreEvents() throws IOException {
    List<Event> events =
        read(
            "strace: Process 6 attached",
            "5 strace: [ Process PID=5 runs in 32 bit mode. ]",
            "[ Process PID=5 runs in x32 mode. ]");
    assertThat(events).allSatisfy(e -> assertThat(e.getBody()).isInstanceOf(TracerMessage.class));
  }

  @Test
  void aMessageInTheMiddleOfALineDoesNotBreakIt() throws IOException {
    List<Event> events =
        read(
            "clone(child_stack=NULL, flags=SIGCHLDstrace: Process 6 attached",
            " <unfinished ...>",
            "[pid     6] close(3) = 0",
            "<... clone resumed>) = 6");
    assertThat(events.get(0).getBody()).isInstanceOf(TracerMessage.class);
    assertThat(call(events.get(1)).getCall()).isInstanceOf(CloneCall.class);
    assertThat(call(events.get(3)).getPhase()).isEqualTo(Phase.RETURNED);
    assertThat(call(events.get(3)).getEntered()).isEqualTo(2);
  }

  @Test
  void callsThatStraceDoesNotKnowHaveTheirName() throws IOException {
    Syscall call = call(read("5 syscall_0x1c9(0x7ffe0000, 0x1, 0x200, 0, 0, 0) = 0").getFirst());
    OpaqueCall opaque = (OpaqueCall) call.getCall();
    assertThat(opaque.getName()).isEqualTo("statmount");
    assertThat(opaque.getReason()).contains("request");
    call =
        call(
            read("5 syscall_0x3ff(0, 0, 0, 0, 0, 0) = -1 ENOSYS (Function not implemented)")
                .getFirst());
    assertThat(((OpaqueCall) call.getCall()).getName()).isEqualTo("syscall_0x3ff");
  }

  @Test
  void aRestartedCallIsOpaque() throws IOException {
    Syscall call =
        call(read("5 restart_syscall(<... resuming interrupted read ...>) = 0").getFirst());
    assertThat(text(((OpaqueCall) call.getCall()).getArguments()))
        .isEqualTo("<... resuming interrupted read ...>");
  }

  @Test
  void aBadLineSaysWhere() {
    assertThatThrownBy(() -> read("5 close(3) = 0", "5 close(3 = 0"))
        .isInstanceOfSatisfying(
            StraceSyntaxException.class,
            e -> {
              assertThat(e.file()).isEqualTo("trace");
              assertThat(e.line()).isEqualTo(2);
              assertThat(e.column()).isEqualTo(14);
              assertThat(e.problem()).contains("`)`");
            });
  }

  @Test
  void salvageTurnsABadLineIntoAGap() throws IOException {
    options = options.withSalvage(true);
    List<Event> events = read("5 close(3) = 0", "5 close(3 = 0", "", "5 close(3) = 0");
    Gap gap = (Gap) events.get(1).getBody();
    assertThat(text(gap.getText())).isEqualTo("5 close(3 = 0");
    assertThat(gap.getLine()).isEqualTo(2);
    assertThat(events).hasSize(3);
  }

  @Test
  void limitsHold() throws IOException {
    options = options.withLimits(100, 8, 2);
    String deep = "5 write(3, " + "[".repeat(20) + "]".repeat(20) + ", 1) = 1";
    assertThatThrownBy(() -> read(deep)).hasMessageContaining("nested deeper than 8");
    String waiting = " vfork( <unfinished ...>";
    assertThatThrownBy(() -> read("5" + waiting, "6" + waiting, "7" + waiting))
        .hasMessageContaining("more than 2 calls");
    String longLine = "5 write(3, \"" + "x".repeat(1_000_000) + "\", 1) = 1";
    assertThatThrownBy(() -> read(longLine)).hasMessageContaining("longer than 100 bytes");
    options = options.withSalvage(true);
    List<Event> events = read(longLine, "5 close(3) = 0");
    assertThat(events.get(0).getBody()).isInstanceOf(Gap.class);
    assertThat(call(events.get(1)).getCall()).isInstanceOf(CloseCall.class);
  }

  private List<Event> read(String... lines) throws IOException {
    byte[] bytes = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    List<Event> events = new ArrayList<>();
    StraceReader.open(new ByteArrayInputStream(bytes), options)
        .read(
            event -> {
              events.add(event);
              return events.size();
            });
    return events;
  }

  private static Syscall call(Event event) {
    return (Syscall) event.getBody();
  }

  private static String text(ByteBuffer bytes) {
    return Bytes.of(bytes).toString();
  }
}

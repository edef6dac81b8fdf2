package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.Handler;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.task.CoreFiles;
import io.kledger.engine.task.Kernel;
import io.kledger.engine.task.PidNumbers;
import io.kledger.engine.task.Signals;
import io.kledger.engine.task.TaskDeath;
import io.kledger.engine.task.WaitStatus;
import io.kledger.event.avro.ExitCall;
import io.kledger.event.avro.ExitGroupCall;
import io.kledger.event.avro.Raw;
import io.kledger.event.avro.SignalDelivered;
import io.kledger.event.avro.TaskDied;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.task.TaskState;
import io.kledger.kernel.task.ThreadGroup;

/** exit(2), exit_group(2), and the ends of tasks that a trace shows. */
final class ExitCalls {
  private static final int DUMPED = 0x80;
  private static final Result NEVER = new Result.Blocked("nothing: it never returns");

  private ExitCalls() {}

  static void register(SyscallTable.Builder table) {
    table.full(ExitCall.class, always((context, call) -> exit(context, call.getStatus())));
    table.full(
        ExitGroupCall.class, always((context, call) -> exitGroup(context, call.getStatus())));
    table.body(TaskDied.class, ExitCalls::died);
    table.body(SignalDelivered.class, ExitCalls::heard);
  }

  /**
   * Exit never returns. Where the engine is the kernel it happens at once; in a trace when the
   * call's end is printed: until then the tracer may hold the task at the beginning of the call.
   */
  private static <C extends org.apache.avro.specific.SpecificRecord> Handler<C> always(
      Handler<C> handler) {
    return new Handler<>() {
      @Override
      public Result call(CallContext context, C call) {
        return handler.call(context, call);
      }

      @Override
      public Result enter(CallContext context, C call) {
        return NEVER;
      }
    };
  }

  private static Result exit(CallContext context, long status) {
    int word = ((int) status & 0xff) << 8;
    if (Kernel.runs(context)) {
      TaskDeath.thread(context, context.task(), word);
    } else {
      TaskDeath.begin(context, context.taskKey());
    }
    return NEVER;
  }

  private static Result exitGroup(CallContext context, long status) {
    int word = ((int) status & 0xff) << 8;
    if (Kernel.runs(context)) {
      TaskDeath.process(context, context.task().group(), word);
    } else {
      TaskDeath.beginProcess(context, context.task().group(), word);
    }
    return NEVER;
  }

  /**
   * SIGCHLD tells of the death of a child that is not traced (CLONE_UNTRACED), of which no other
   * line does. A traced one is gone by then, or its own line comes late.
   */
  private static void heard(CallContext context, SignalDelivered body) {
    KernelState state = context.state();
    Task parent = state.task(context.event().getTid());
    if (parent == null || body.getSignal() != Signals.CHLD || Kernel.runs(context)) {
      return;
    }
    Raw info = new Raw(body.getInfo());
    int word = WaitStatus.wordOf(info);
    int number = (int) WaitStatus.pidOf(info);
    Task child =
        word < 0 || number <= 0 ? null : PidNumbers.task(state, parent.namespaces().pid(), number);
    ThreadGroup group = child == null ? null : state.groups.get(child.group());
    if (group != null && group.parent() == parent.group() && child.alive()) {
      TaskDeath.process(context, group.key(), word);
    }
  }

  /** `+++ exited with N +++` and `+++ killed by SIG +++`. */
  private static void died(CallContext context, TaskDied body) {
    KernelState state = context.state();
    Task task = state.task(context.event().getTid());
    if (task == null || task.state() == TaskState.ZOMBIE) {
      return;
    }
    int word =
        body.getSignal() == 0
            ? (body.getStatus() & 0xff) << 8
            : body.getSignal() | (body.getCoreDumped() ? DUMPED : 0);
    if (body.getCoreDumped() && !Kernel.runs(context)) {
      CoreFiles.seen(context, task);
    }
    ThreadGroup group = state.groups.require(task.group());
    boolean whole = state.tasksByGroup.count(group.key()) == 1;
    if (body.getSignal() != 0 && !group.groupExit() && (Kernel.runs(context) || whole)) {
      TaskDeath.beginProcess(context, group.key(), word);
      if (Kernel.runs(context)) {
        TaskDeath.process(context, group.key(), word);
        return;
      }
    }
    TaskDeath.finish(context, task.key(), word);
  }
}

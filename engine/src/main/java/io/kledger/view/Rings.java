package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.uring.RingRequest;
import java.util.Locale;

/** What waits in io_uring(7)s: slots of submission queues, requests, completions. */
public final class Rings {
  private Rings() {}

  /** A row for each request, in the order of submission. */
  public static Sheet sheet(KernelState state) {
    Sheet sheet =
        Sheet.of("RING", "COMMAND", "TID", "SQE", "USER-DATA", "STATE", "LINKED-BEHIND", "RESULT");
    for (RingRequest request : state.ringRequests.rows()) {
      Task task = state.tasks.get(request.task());
      RingRequest before = state.ringRequests.get(request.before());
      sheet.row(
          request.ring(),
          task == null ? null : task.comm(),
          task == null ? null : task.tid(),
          request.sqe(),
          request.userData(),
          request.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
          before == null ? null : before.userData(),
          request.state() == RingRequest.State.DONE ? request.result() : null);
    }
    return sheet;
  }
}

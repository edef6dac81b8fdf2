package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.task.Task;
import io.kledger.kernel.uring.RingRequest;
import java.util.ArrayList;
import java.util.List;

/** io_uring instances with the requests in them. */
public final class RingsView {
  private static final String[] REQUEST_COLUMNS = {
    "TID", "USER-DATA", "STATE", "RESULT", "REQUEST"
  };

  private RingsView() {}

  /** One row a ring, its requests below it; of one task if it is not null. */
  public static Sheet sheet(KernelState state, Task task) {
    Sheet sheet = Sheet.of("RING", "HOLDERS", "QUEUED", "WAITING", "DONE", "REQUESTS");
    for (OpenFileDescription file : state.descriptions.rows()) {
      if (file.kind() != FileKind.IO_URING || !Holders.has(state, file.key(), task)) {
        continue;
      }
      Sheet requests = Sheet.of(REQUEST_COLUMNS);
      int queued = 0;
      int done = 0;
      for (long key : state.ringRequestsByRing.keys(file.key())) {
        RingRequest request = state.ringRequests.require(key);
        Task by = state.tasks.get(request.task());
        boolean ended = request.state() == RingRequest.State.DONE;
        queued += request.state() == RingRequest.State.QUEUED ? 1 : 0;
        done += ended || request.state() == RingRequest.State.NOT_KNOWN ? 1 : 0;
        requests.row(
            by == null ? null : by.tid(),
            request.userData(),
            request.state().name(),
            ended ? request.result() : null,
            request.sqe());
      }
      sheet.row(
          file.key(),
          Holders.of(state, file.key()),
          queued,
          requests.rows().size() - queued - done,
          done,
          requests);
    }
    return sheet;
  }

  /** One row a request, in the order they were submitted. */
  public static Sheet requests(KernelState state, Task task) {
    List<String> columns = new ArrayList<>(List.of("RING", "HOLDERS"));
    columns.addAll(List.of(REQUEST_COLUMNS));
    Sheet sheet = Sheet.of(columns.toArray(String[]::new));
    Sheet rings = sheet(state, task);
    for (List<Object> ring : rings.rows()) {
      for (List<Object> request : ((Sheet) ring.getLast()).rows()) {
        List<Object> row = new ArrayList<>(ring.subList(0, 2));
        row.addAll(request);
        sheet.rows().add(row);
      }
    }
    return sheet;
  }
}

package io.kledger.kernel.task;

/** Life of a task. A task that was reaped has no row any more. */
public enum TaskState {
  RUNNING,
  /**
   * Exit began: it holds no files, no working directory and no namespaces any more, but the trace
   * has not shown its end yet, and its parent has not been told.
   */
  EXITING,
  /** Exited, not yet waited for. */
  ZOMBIE
}

package io.kledger.kernel.task;

/** Life of a task. A task that was reaped has no row any more. */
public enum TaskState {
  RUNNING,
  /** Exited, not yet waited for. */
  ZOMBIE
}

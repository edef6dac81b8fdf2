package io.kledger.kernel.task;

import io.kledger.event.Bytes;
import io.kledger.store.Row;

/**
 * A thread: struct task_struct. What the threads of a process share is in {@link ThreadGroup}.
 *
 * @param tid number in the tracer's (observer's) pid namespace; an attribute, reused by the kernel
 * @param pid key of the {@link Pid} that holds its numbers
 * @param group key of its ThreadGroup
 * @param files key of the FdTable; 0 once exited
 * @param fs key of the FsStruct; 0 once exited
 * @param createdAt position of the event that made it
 * @param inferred true if its birth was not in the log
 */
public record Task(
    long key,
    int tid,
    long pid,
    long group,
    Bytes comm,
    long files,
    long fs,
    Credentials credentials,
    NamespaceSet namespaces,
    long cgroup,
    TaskState state,
    int exitStatus,
    long createdAt,
    boolean inferred)
    implements Row {
  /** True until it has exited: TASK_DEAD and zombies are not alive. */
  public boolean alive() {
    return state == TaskState.RUNNING;
  }

  /** The same with the numbers of another task: exec by a thread takes over the leader's. */
  public Task withNumbers(int newTid, long newPid) {
    return new Task(
        key,
        newTid,
        newPid,
        group,
        comm,
        files,
        fs,
        credentials,
        namespaces,
        cgroup,
        state,
        exitStatus,
        createdAt,
        inferred);
  }

  public Task withComm(Bytes newComm) {
    return new Task(
        key,
        tid,
        pid,
        group,
        newComm,
        files,
        fs,
        credentials,
        namespaces,
        cgroup,
        state,
        exitStatus,
        createdAt,
        inferred);
  }

  public Task withFiles(long newFiles) {
    return new Task(
        key,
        tid,
        pid,
        group,
        comm,
        newFiles,
        fs,
        credentials,
        namespaces,
        cgroup,
        state,
        exitStatus,
        createdAt,
        inferred);
  }

  public Task withFs(long newFs) {
    return new Task(
        key,
        tid,
        pid,
        group,
        comm,
        files,
        newFs,
        credentials,
        namespaces,
        cgroup,
        state,
        exitStatus,
        createdAt,
        inferred);
  }

  public Task withCredentials(Credentials newCredentials) {
    return new Task(
        key,
        tid,
        pid,
        group,
        comm,
        files,
        fs,
        newCredentials,
        namespaces,
        cgroup,
        state,
        exitStatus,
        createdAt,
        inferred);
  }

  public Task withNamespaces(NamespaceSet newNamespaces) {
    return new Task(
        key,
        tid,
        pid,
        group,
        comm,
        files,
        fs,
        credentials,
        newNamespaces,
        cgroup,
        state,
        exitStatus,
        createdAt,
        inferred);
  }

  public Task withCgroup(long newCgroup) {
    return new Task(
        key,
        tid,
        pid,
        group,
        comm,
        files,
        fs,
        credentials,
        namespaces,
        newCgroup,
        state,
        exitStatus,
        createdAt,
        inferred);
  }

  public Task withState(TaskState newState, int newExitStatus) {
    return new Task(
        key,
        tid,
        pid,
        group,
        comm,
        files,
        fs,
        credentials,
        namespaces,
        cgroup,
        newState,
        newExitStatus,
        createdAt,
        inferred);
  }
}

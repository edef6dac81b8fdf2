package io.kledger.kernel.task;

import io.kledger.store.Row;

/**
 * A process: what its threads share (struct signal_struct), and its place in the process tree. A
 * process of which the log shows only that it is somebody's parent has no leader.
 *
 * @param tgid number of the leader in the tracer's pid namespace
 * @param leader key of the leader task; 0 = a process outside the log
 * @param parent key of the real parent's ThreadGroup; 0 = none that the ledger knows
 * @param parentTask key of the parent's thread that it is a child of; 0 = not known
 * @param childOrder place in the parent's list of children (ascending)
 * @param processGroup key of the {@link Pid} that is its process group id
 * @param session key of the Pid that is its session id
 * @param exitSignal sent to the parent at exit; 0 none; negative: another than SIGCHLD, in whose
 *     place SIGCHLD is sent because the parent runs another program since
 * @param subreaper PR_SET_CHILD_SUBREAPER
 * @param sigIgnored set of ignored signals, bit N-1 for signal N
 * @param sigCaught set of signals with a handler
 * @param noChildWait SA_NOCLDWAIT: its children leave no zombies
 * @param fileLimit RLIMIT_NOFILE, -1 = unknown
 * @param fileLimitMax the hard limit, -1 = unknown
 * @param execed it has run another program since it was forked
 * @param groupExit true once exit_group or a fatal signal began
 * @param exitStatus wait status word, valid once groupExit or all threads are gone
 */
public record ThreadGroup(
    long key,
    int tgid,
    long leader,
    long parent,
    long parentTask,
    long childOrder,
    long processGroup,
    long session,
    int exitSignal,
    boolean subreaper,
    long sigIgnored,
    long sigCaught,
    boolean noChildWait,
    long fileLimit,
    long fileLimitMax,
    boolean execed,
    boolean groupExit,
    int exitStatus)
    implements Row {
  /** True if no task of it is in the log. */
  public boolean untraced() {
    return leader == 0;
  }

  /** The same with another parent, last among its children. */
  public ThreadGroup withParent(
      long newParent, long newParentTask, long newOrder, int newExitSignal) {
    return new ThreadGroup(
        key,
        tgid,
        leader,
        newParent,
        newParentTask,
        newOrder,
        processGroup,
        session,
        newExitSignal,
        subreaper,
        sigIgnored,
        sigCaught,
        noChildWait,
        fileLimit,
        fileLimitMax,
        execed,
        groupExit,
        exitStatus);
  }

  /** The same as a child of another thread of its parent. */
  public ThreadGroup withParentTask(long task) {
    return new ThreadGroup(
        key,
        tgid,
        leader,
        parent,
        task,
        childOrder,
        processGroup,
        session,
        exitSignal,
        subreaper,
        sigIgnored,
        sigCaught,
        noChildWait,
        fileLimit,
        fileLimitMax,
        execed,
        groupExit,
        exitStatus);
  }

  public ThreadGroup withLeader(long newLeader) {
    return new ThreadGroup(
        key,
        tgid,
        newLeader,
        parent,
        parentTask,
        childOrder,
        processGroup,
        session,
        exitSignal,
        subreaper,
        sigIgnored,
        sigCaught,
        noChildWait,
        fileLimit,
        fileLimitMax,
        execed,
        groupExit,
        exitStatus);
  }

  public ThreadGroup withProcessGroup(long pid) {
    return new ThreadGroup(
        key,
        tgid,
        leader,
        parent,
        parentTask,
        childOrder,
        pid,
        session,
        exitSignal,
        subreaper,
        sigIgnored,
        sigCaught,
        noChildWait,
        fileLimit,
        fileLimitMax,
        execed,
        groupExit,
        exitStatus);
  }

  /** It runs another program: the signals it caught are no longer caught. */
  public ThreadGroup withExec(int signal) {
    return new ThreadGroup(
        key,
        tgid,
        leader,
        parent,
        parentTask,
        childOrder,
        processGroup,
        session,
        signal,
        subreaper,
        sigIgnored,
        0,
        noChildWait,
        fileLimit,
        fileLimitMax,
        true,
        groupExit,
        exitStatus);
  }

  /** Session and process group are both this. */
  public ThreadGroup withSession(long pid) {
    return new ThreadGroup(
        key,
        tgid,
        leader,
        parent,
        parentTask,
        childOrder,
        pid,
        pid,
        exitSignal,
        subreaper,
        sigIgnored,
        sigCaught,
        noChildWait,
        fileLimit,
        fileLimitMax,
        execed,
        groupExit,
        exitStatus);
  }

  public ThreadGroup withExitSignal(int signal) {
    return new ThreadGroup(
        key,
        tgid,
        leader,
        parent,
        parentTask,
        childOrder,
        processGroup,
        session,
        signal,
        subreaper,
        sigIgnored,
        sigCaught,
        noChildWait,
        fileLimit,
        fileLimitMax,
        execed,
        groupExit,
        exitStatus);
  }

  public ThreadGroup withSubreaper(boolean on) {
    return new ThreadGroup(
        key,
        tgid,
        leader,
        parent,
        parentTask,
        childOrder,
        processGroup,
        session,
        exitSignal,
        on,
        sigIgnored,
        sigCaught,
        noChildWait,
        fileLimit,
        fileLimitMax,
        execed,
        groupExit,
        exitStatus);
  }

  public ThreadGroup withSignals(long ignored, long caught, boolean newNoChildWait) {
    return new ThreadGroup(
        key,
        tgid,
        leader,
        parent,
        parentTask,
        childOrder,
        processGroup,
        session,
        exitSignal,
        subreaper,
        ignored,
        caught,
        newNoChildWait,
        fileLimit,
        fileLimitMax,
        execed,
        groupExit,
        exitStatus);
  }

  public ThreadGroup withFileLimit(long soft, long hard) {
    return new ThreadGroup(
        key,
        tgid,
        leader,
        parent,
        parentTask,
        childOrder,
        processGroup,
        session,
        exitSignal,
        subreaper,
        sigIgnored,
        sigCaught,
        noChildWait,
        soft,
        hard,
        execed,
        groupExit,
        exitStatus);
  }

  /** The whole process ends, or has ended, with this wait status. */
  public ThreadGroup withExit(boolean wholeGroup, int status) {
    return new ThreadGroup(
        key,
        tgid,
        leader,
        parent,
        parentTask,
        childOrder,
        processGroup,
        session,
        exitSignal,
        subreaper,
        sigIgnored,
        sigCaught,
        noChildWait,
        fileLimit,
        fileLimitMax,
        execed,
        wholeGroup,
        status);
  }
}

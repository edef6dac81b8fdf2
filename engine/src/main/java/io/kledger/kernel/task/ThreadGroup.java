package io.kledger.kernel.task;

import io.kledger.store.Row;

/**
 * A process: what its threads share (struct signal_struct), and its place in the process tree.
 *
 * @param tgid number of the leader in the tracer's pid namespace
 * @param leader key of the leader task
 * @param parent key of the real parent's ThreadGroup; 0 = none that the ledger knows
 * @param childOrder place in the parent's list of children (ascending)
 * @param processGroup key of the {@link Pid} that is its process group id
 * @param session key of the Pid that is its session id
 * @param exitSignal sent to the parent at exit; 0 none
 * @param subreaper PR_SET_CHILD_SUBREAPER
 * @param sigIgnored set of ignored signals, bit N-1 for signal N
 * @param sigCaught set of signals with a handler
 * @param groupExit true once exit_group or a fatal signal began
 * @param exitStatus wait status word, valid once groupExit or all threads are gone
 */
public record ThreadGroup(
    long key,
    int tgid,
    long leader,
    long parent,
    long childOrder,
    long processGroup,
    long session,
    int exitSignal,
    boolean subreaper,
    long sigIgnored,
    long sigCaught,
    boolean groupExit,
    int exitStatus)
    implements Row {}

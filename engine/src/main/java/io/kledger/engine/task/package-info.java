/**
 * Births, deaths and numbers of tasks: kernel/fork.c, kernel/exit.c, kernel/pid.c. What several
 * families of calls need to do with tasks; the calls themselves are in the syscall package.
 */
package io.kledger.engine.task;

package io.kledger.engine.task;

import io.kledger.engine.Story;
import org.junit.jupiter.api.Test;

class ProcessLifeTest {
  @Test
  void childHasItsParentsNameAndANumberOfItsOwn() {
    Story.holds(
        """
        @task 50 comm=worker
        50 clone(child_stack=NULL, flags=SIGCHLD) = 51
        51 getppid() = 50
        51 prctl(PR_GET_NAME, "worker") = 0
        """);
  }

  @Test
  void waitTakesTheOldestZombieFirst() {
    Story.holds(
        """
        50 clone(child_stack=NULL, flags=SIGCHLD) = 51
        50 clone(child_stack=NULL, flags=SIGCHLD) = 52
        52 +++ exited with 2 +++
        51 +++ exited with 1 +++
        50 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 1}], 0, NULL) = 51
        50 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 2}], 0, NULL) = 52
        50 wait4(-1, NULL, WNOHANG, NULL) = -1 ECHILD
        """);
  }

  @Test
  void processWithoutLeaderIsNotWaitableUntilItsLastThreadIsGone() {
    Story.holds(
        """
        50 clone(child_stack=NULL, flags=SIGCHLD) = 51
        51 clone(child_stack=0x7f000000, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 52
        51 exit(5) = ?
        50 waitid(P_PID, 51, {}, WEXITED|WNOHANG, NULL) = 0
        52 exit(0) = ?
        50 wait4(51, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 51
        """);
  }

  @Test
  void orphansGoToTheNearestSubreaperAndThenToInit() {
    Story.holds(
        """
        50 prctl(PR_SET_CHILD_SUBREAPER, 1) = 0
        50 clone(child_stack=NULL, flags=SIGCHLD) = 51
        51 clone(child_stack=NULL, flags=SIGCHLD) = 52
        51 +++ exited with 0 +++
        52 getppid() = 50
        50 +++ exited with 0 +++
        52 getppid() = 1
        """);
  }

  @Test
  void deathOfAPidNamespacesInitKillsAllInIt() {
    Story.holds(
        """
        50 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 51
        51 clone(child_stack=NULL, flags=SIGCHLD) = 2
        50 kill(52, 0) = 0
        51 +++ exited with 0 +++
        50 kill(52, 0) = -1 ESRCH
        """);
  }

  @Test
  void vforkReturnsWhenTheChildRunsAnotherProgram() {
    Story.holds(
        """
        @file /usr/bin/tool mode=0755
        50 vfork( <unfinished ...>
        51 execve("/usr/bin/tool", ["tool"], NULL) = 0
        50 <... vfork resumed>) = 51
        """);
  }

  @Test
  void numberOfAZombieOrOfAProcessGroupIsTaken() {
    Story.holds(
        """
        50 clone3({flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0, set_tid=[300], set_tid_size=1}, 88) = 300
        300 +++ exited with 0 +++
        50 clone3({flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0, set_tid=[300], set_tid_size=1}, 88) = -1 EEXIST
        """);
  }
}

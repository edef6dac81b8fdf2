package io.kledger.engine.cgroup;

import io.kledger.engine.Story;
import org.junit.jupiter.api.Test;

class CgroupTest {
  @Test
  void populatedFlipsForEachAncestorWhoseAnswerChanges() {
    Story.holds(
        """
        50 mkdir("/sys/fs/cgroup/a", 0755) = 0
        50 mkdir("/sys/fs/cgroup/a/b", 0755) = 0
        50 openat(AT_FDCWD, "/sys/fs/cgroup/a/b/cgroup.procs", O_WRONLY) = 3
        50 write(3, "0", 1) = 1
        note> cgroup.migrate pid=50 from=/ to=/a/b
        note> cgroup.populated path=/a/b value=1
        note> cgroup.populated path=/a value=1
        50 rmdir("/sys/fs/cgroup/a/b") = -1 EBUSY
        """);
  }

  @Test
  void cgroupThatHandsDownADomainControllerHasNoProcesses() {
    Story.holds(
        """
        50 openat(AT_FDCWD, "/sys/fs/cgroup/cgroup.subtree_control", O_WRONLY) = 3
        50 write(3, "+memory", 7) = 7
        50 mkdir("/sys/fs/cgroup/a", 0755) = 0
        50 openat(AT_FDCWD, "/sys/fs/cgroup/a/cgroup.subtree_control", O_WRONLY) = 4
        50 write(4, "+memory", 7) = 7
        50 openat(AT_FDCWD, "/sys/fs/cgroup/a/cgroup.procs", O_WRONLY) = 5
        50 write(5, "0", 1) = -1 EBUSY
        """);
  }

  @Test
  void onlyDirectoriesMayBeMade() {
    Story.holds(
        """
        50 openat(AT_FDCWD, "/sys/fs/cgroup/new", O_WRONLY|O_CREAT, 0644) = -1 EACCES
        50 symlink("x", "/sys/fs/cgroup/link") = -1 EPERM
        50 unlink("/sys/fs/cgroup/cgroup.procs") = -1 EPERM
        """);
  }

  @Test
  void killEndsTheWholeSubtree() {
    Story.holds(
        """
        50 mkdir("/sys/fs/cgroup/k", 0755) = 0
        50 openat(AT_FDCWD, "/sys/fs/cgroup/k/cgroup.procs", O_WRONLY) = 3
        50 clone(child_stack=NULL, flags=SIGCHLD) = 51
        50 write(3, "51", 2) = 2
        50 openat(AT_FDCWD, "/sys/fs/cgroup/k/cgroup.kill", O_WRONLY) = 4
        50 write(4, "1", 1) = 1
        51 +++ killed by SIGKILL +++
        view> cgroups /k
        | /k
        """);
  }
}

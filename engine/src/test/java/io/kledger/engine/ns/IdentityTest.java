package io.kledger.engine.ns;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.engine.Story;
import io.kledger.kernel.task.Credentials;
import org.junit.jupiter.api.Test;

class IdentityTest {
  @Test
  void leavingUidZeroDropsTheCapabilities() {
    // given root with all capabilities
    Credentials root = Credentials.root(1);
    // when it takes another uid for good
    Credentials user = CredentialChange.ids(root, false, 1000, 1000, 1000, 0);
    // then nothing is left of them
    assertThat(user.capPermitted()).isZero();
    assertThat(user.capEffective()).isZero();
    assertThat(user.fsuid()).isEqualTo(1000);
  }

  @Test
  void savedUidZeroKeepsThePermittedSet() {
    Credentials user = CredentialChange.ids(Credentials.root(1), false, 1000, 1000, 0, 0);
    assertThat(user.capPermitted()).isEqualTo(Credentials.ALL_CAPS);
    assertThat(user.capEffective()).isZero();
  }

  @Test
  void namesOfCapabilitiesHaveTheKernelsNumbers() {
    assertThat(Capability.number("cap_chown")).isEqualTo(Capability.CHOWN);
    assertThat(Capability.number("CAP_SYS_ADMIN")).isEqualTo(Capability.SYS_ADMIN);
    assertThat(Capability.number("cap_checkpoint_restore"))
        .isEqualTo(Capability.CHECKPOINT_RESTORE);
    assertThat(Capability.number("cap_nothing")).isEqualTo(-1);
  }

  @Test
  void ownerMayMapHisOwnIdOnceAndOnlyThat() {
    Story.holds(
        """
        @task 60 uid=1000 gid=1000 caps=none
        60 unshare(CLONE_NEWUSER) = 0
        60 getuid() = 65534
        60 openat(AT_FDCWD, "/proc/self/uid_map", O_WRONLY) = 3
        60 write(3, "0 1001 1", 8) = -1 EPERM
        60 write(3, "0 1000 1", 8) = 8
        60 getuid() = 0
        """);
  }

  @Test
  void namespacesNeedCapSysAdminUnlessAUserNamespaceComesWithThem() {
    Story.holds(
        """
        @task 60 uid=1000 gid=1000 caps=none
        60 unshare(CLONE_NEWUTS) = -1 EPERM
        60 unshare(CLONE_NEWUSER|CLONE_NEWUTS) = 0
        """);
  }

  @Test
  void pendingPidNamespaceIsForChildrenOnly() {
    Story.holds(
        """
        50 unshare(CLONE_NEWPID) = 0
        50 getpid() = 50
        50 clone(child_stack=NULL, flags=SIGCHLD) = 51
        51 getpid() = 1
        51 getppid() = 0
        """);
  }
}

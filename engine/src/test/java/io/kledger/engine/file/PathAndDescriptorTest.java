package io.kledger.engine.file;

import io.kledger.engine.Story;
import org.junit.jupiter.api.Test;

/** Paths, descriptors and what goes with the last of them. */
class PathAndDescriptorTest {
  @Test
  void linksAreFollowedFortyTimesAndNotOnceMore() {
    StringBuilder links = new StringBuilder("@file /srv/f\n@symlink /srv/l1 f\n");
    for (int i = 2; i <= 41; i++) {
      links.append("@symlink /srv/l%d l%d\n".formatted(i, i - 1));
    }
    Story.holds(
        links
            + """
            100 openat(AT_FDCWD, "/srv/l40", O_RDONLY) = 3
            100 openat(AT_FDCWD, "/srv/l41", O_RDONLY) = -1 ELOOP
            """);
  }

  @Test
  void dotDotLeavesAMountByItsMountpointAndStaysAtTheRoot() {
    Story.holds(
        """
        @file /srv/f
        100 openat(AT_FDCWD, "/tmp/../srv/f", O_RDONLY) = 3
        100 openat(AT_FDCWD, "/../../srv/f", O_RDONLY) = 4
        100 fcntl(3, F_DUPFD_QUERY, 4) = 0
        """);
  }

  @Test
  void aDescriptorInFlightOutlivesItsSenderAndIsReleasedWithTheQueue() {
    Story.holds(
        """
        @file /srv/f
        100 openat(AT_FDCWD, "/srv/f", O_RDWR) = 3
        100 socketpair(AF_UNIX, SOCK_STREAM, 0, [4, 5]) = 0
        100 flock(3, LOCK_EX) = 0
        100 sendmsg(4, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="x", iov_len=1}], \
        msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, \
        cmsg_data=[3]}], msg_controllen=24, msg_flags=0}, 0) = 1
        100 close(3) = 0
        200 openat(AT_FDCWD, "/srv/f", O_RDWR) = 3
        200 flock(3, LOCK_SH|LOCK_NB) = -1 EAGAIN
        100 close(5) = 0
        200 flock(3, LOCK_SH|LOCK_NB) = 0
        """);
  }

  @Test
  void socketsThatOnlyTheirOwnQueuesReferToAreCollected() {
    Story.holds(
        """
        @file /srv/f
        100 openat(AT_FDCWD, "/srv/f", O_RDWR) = 3
        100 flock(3, LOCK_EX) = 0
        100 socketpair(AF_UNIX, SOCK_STREAM, 0, [4, 5]) = 0
        100 sendmsg(4, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="x", iov_len=1}], \
        msg_iovlen=1, msg_control=[{cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, \
        cmsg_data=[3, 4, 5]}], msg_controllen=32, msg_flags=0}, 0) = 1
        100 close(3) = 0
        100 close(4) = 0
        100 close(5) = 0
        200 openat(AT_FDCWD, "/srv/f", O_RDWR) = 3
        200 flock(3, LOCK_EX|LOCK_NB) = -1 EAGAIN
        200 socket(AF_UNIX, SOCK_STREAM, 0) = 4
        200 close(4) = 0
        200 flock(3, LOCK_EX|LOCK_NB) = 0
        """);
  }

  @Test
  void aCloseOfAnyDescriptorDropsTheRecordLocksOfTheProcess() {
    Story.holds(
        """
        @file /srv/f
        100 openat(AT_FDCWD, "/srv/f", O_RDWR) = 3
        100 openat(AT_FDCWD, "/srv/f", O_RDONLY) = 4
        100 fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = 0
        100 close(4) = 0
        view> locks
        """);
  }
}

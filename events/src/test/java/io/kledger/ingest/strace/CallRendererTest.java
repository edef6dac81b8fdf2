package io.kledger.ingest.strace;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.avro.Event;
import io.kledger.event.avro.OpaqueCall;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallRendererTest {
  private final StraceLineParser parser = new StraceLineParser(StraceOptions.of("line"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "openat(AT_FDCWD</tmp>, \"f\", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 3</tmp/f>",
        "open(\"f\", O_RDONLY) = -1 ENOENT (No such file or directory)",
        "mount(\"a\", \"b\", NULL, MS_BIND|MS_REC, NULL) = 0",
        "fcntl(3</tmp/f>, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=10}) = 0",
        "fcntl(3, F_SETFD, FD_CLOEXEC) = 0",
        "fcntl(3, F_SETFL, O_RDONLY|O_NONBLOCK) = 0",
        "fcntl(3, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)",
        "fcntl(3, F_DUPFD_CLOEXEC, 10) = 10</x>(deleted)",
        "clone(child_stack=NULL, flags=CLONE_NEWNS|SIGCHLD) = 17",
        "clone3({flags=CLONE_PIDFD, pidfd=0x7ff0, exit_signal=SIGCHLD, stack=NULL, stack_size=0}"
            + " => {pidfd=[4<pid:51>]}, 88) = 51",
        "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], WNOHANG, NULL) = 7",
        "wait4(-1, NULL, 0, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
        "exit_group(0) = ?",
        "mount_setattr(AT_FDCWD, \"/m\", AT_RECURSIVE, {attr_set=MOUNT_ATTR_PROPAGATE_RDONLY,"
            + " attr_clr=0, propagation=MS_SLAVE}, 32) = 0",
        "open_tree(4, \"\", OPEN_TREE_CLONE|OPEN_TREE_CLEAR|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH) = 5",
        "bind(3, {sa_family=AF_UNIX, sun_path=@\"abs\\x00tract\"}, 14) = 0",
        "connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"::1\")}, 16) = 0",
        "mknod(\"n\", S_IFCHR|0666, makedev(0x1, 0x3)) = 0",
        "setns(3, SETNS_PIDFD_ALL|CLONE_NEWNS) = 0",
        "socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3",
        "flock_timed(3, LOCK_EX, {tv_sec=5, tv_nsec=0}, CLOCK_MONOTONIC, 0) = 0",
        "recvmsg(4, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"m\", iov_len=1}],"
            + " msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET,"
            + " cmsg_type=SCM_RIGHTS, cmsg_data=[5</f>]}], msg_controllen=32 => 24,"
            + " msg_flags=MSG_CTRUNC}, 0) = 1",
        "fanotify_mark(3, FAN_MARK_MNTNS|FAN_MARK_ADD, FAN_MNT_ATTACH, 4, NULL) = 0",
        "statmount({size=24, mnt_id=0x800169c2, param=STATMOUNT_SB_BASIC}, NULL, 512, 0) = 0",
        "ioctl(3, _IOC(_IOC_READ|_IOC_WRITE, 0xff, 0xb, 0x20), {mask=PIDFD_INFO_PID}) = 0",
        "mkdirat_fd(AT_FDCWD, \"/srv/d\", 0755, 0) = 3",
        "execve(\"/x\", [\"x\", \"a\"..., ...], 0x7ffd /* 2 vars */) = 0",
      })
  void whatStracePrintsIsPrintedAgain(String line) throws IOException {
    StraceLine.Call call = (StraceLine.Call) parser.parse(line);
    assertThat(call.call()).isNotInstanceOf(OpaqueCall.class);
    String again = CallRenderer.line(call.call(), call.outcome()).toString();
    // Unknown environments print as NULL; all else is the same.
    assertThat(again).isEqualTo(line.replace("0x7ffd /* 2 vars */", "NULL"));
    assertThat(CallRenderer.values(call.call())).hasSameSizeAs(call.values());
  }

  @Test
  void numbersAndNamesAreTheSame() throws IOException {
    for (String[] same :
        new String[][] {
          {
            "mount(\"a\", \"b\", NULL, 0x5000, NULL) = 0",
            "mount(\"a\", \"b\", NULL, MS_BIND|MS_REC, NULL) = 0"
          },
          {
            "move_mount(3, \"\", -100, \"b\", MOVE_MOUNT_F_EMPTY_PATH|0x200) = 0",
            "move_mount(3, \"\", AT_FDCWD, \"b\", 0x204) = 0"
          },
          {
            "fanotify_mark(3, 0x111 /* FAN_MARK_ADD|FAN_MARK_MOUNT|FAN_MARK_FILESYSTEM */, 0x3000000"
                + " /* FAN_??? */, 4, NULL) = 0",
            "fanotify_mark(3, FAN_MARK_ADD|FAN_MARK_MNTNS, FAN_MNT_ATTACH|FAN_MNT_DETACH, 4, NULL) = 0"
          },
          {
            "socket(0x1 /* AF_UNIX */, 0x5 /* SOCK_SEQPACKET */|0x80000 /* SOCK_CLOEXEC */, 0) = 3",
            "socket(AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0) = 3"
          },
          {"ioctl(3, BTRFS_IOC_CLONE or FICLONE, 4) = 0", "ioctl(3, 0x40049409, 4) = 0"},
          {
            "quotactl(QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL) = 0",
            "quotactl(0x80000100, NULL, 0, NULL) = 0"
          },
          {"umask(022) = 077", "umask(18) = 63"},
          {"write(1, \"\\33[0m\\n\", 5) = 5", "write(1, \"\\x1b[0m\\x0a\", 5) = 5"},
        }) {
      StraceLine.Call first = (StraceLine.Call) parser.parse(same[0]);
      StraceLine.Call second = (StraceLine.Call) parser.parse(same[1]);
      assertThat(first.call()).isNotInstanceOf(OpaqueCall.class).isEqualTo(second.call());
      assertThat(first.outcome()).isEqualTo(second.outcome());
    }
  }

  @Test
  void aScenarioLeavesResultsOpen() throws IOException {
    StraceLine.Call call =
        (StraceLine.Call) parser.parse("100 open(\"/f\", O_RDWR) = $fd  # any number");
    assertThat(call.head().tid()).isEqualTo(100);
    assertThat(call.result().toString()).isEqualTo("$fd");
    assertThat(call.outcome().getUnknown()).isTrue();
    call = (StraceLine.Call) parser.parse("100 read(3, _, 10) = 10");
    assertThat(call.values().get(1)).isInstanceOf(Value.Wildcard.class);
  }

  @Test
  void eventsArePrintedAsLines() throws IOException {
    String[] lines = {
      "5     1795448329.268739 close(3</tmp/f>) = 0 <0.000042>",
      "5<sh> 1795448329.268740 flock(3, LOCK_EX <unfinished ...>",
      "5<sh> 1795448329.268741 <... flock resumed>) = 0",
      "5     wait4(-1,  <unfinished ...>",
      "5     <... wait4 resumed>NULL, 0, NULL) = 6",
      "5     [  21] [00431167] close(4) = -1 EBADF (Bad file descriptor)",
      "5     --- SIGCHLD {si_signo=SIGCHLD} ---",
      "5     +++ superseded by execve in pid 8 +++",
      "5     +++ killed by SIGSEGV (core dumped) +++",
      "123456 +++ exited with 1 +++",
      "strace: Process 6 attached",
    };
    byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    List<Event> events = new ArrayList<>();
    StraceReader.open(new ByteArrayInputStream(text), StraceOptions.of("lines"))
        .read(
            event -> {
              events.add(event);
              return events.size();
            });
    assertThat(events).extracting(e -> EventRenderer.line(e).toString()).containsExactly(lines);
  }
}

package io.kledger.ingest.strace;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.event.Bytes;
import io.kledger.ingest.strace.FdAnnotation.Anonymous;
import io.kledger.ingest.strace.FdAnnotation.Device;
import io.kledger.ingest.strace.FdAnnotation.Memfd;
import io.kledger.ingest.strace.FdAnnotation.Namespace;
import io.kledger.ingest.strace.FdAnnotation.Other;
import io.kledger.ingest.strace.FdAnnotation.Path;
import io.kledger.ingest.strace.FdAnnotation.Pidfd;
import io.kledger.ingest.strace.FdAnnotation.Pipe;
import io.kledger.ingest.strace.FdAnnotation.Socket;
import io.kledger.ingest.strace.FdAnnotation.UnixSocket;
import org.junit.jupiter.api.Test;

class FdAnnotationTest {
  @Test
  void files() {
    assertThat(parse("/tmp/a b->c")).isEqualTo(new Path(bytes("/tmp/a b->c"), false));
    assertThat(parse("/tmp/x\\x3ey")).isEqualTo(new Path(bytes("/tmp/x>y"), false));
    assertThat(parse("/tmp/x>(deleted)")).isEqualTo(new Path(bytes("/tmp/x"), true));
    assertThat(parse("/tmp/x (deleted)")).isEqualTo(new Path(bytes("/tmp/x (deleted)"), false));
    assertThat(parse("\\x2f\\x74")).isEqualTo(new Path(bytes("/t"), false));
    assertThat(parse("/memfd:a>(deleted)")).isEqualTo(new Memfd(bytes("a")));
  }

  @Test
  void devices() {
    assertThat(parse("/dev/null<char 1:3>"))
        .isEqualTo(new Device(bytes("/dev/null"), false, 1, 3, Bytes.EMPTY, false));
    assertThat(parse("/dev/loop0<block 7:0>"))
        .isEqualTo(new Device(bytes("/dev/loop0"), true, 7, 0, Bytes.EMPTY, false));
    assertThat(parse("/dev/pts/ptmx<char 5:2 @/dev/pts/0>"))
        .isEqualTo(new Device(bytes("/dev/pts/ptmx"), false, 5, 2, bytes("/dev/pts/0"), false));
    assertThat(parse("\\x2f\\x61<char 1:3>"))
        .isEqualTo(new Device(bytes("/a"), false, 1, 3, Bytes.EMPTY, false));
  }

  @Test
  void sockets() {
    assertThat(parse("UNIX-STREAM:[12->13,\"/run/x\"]"))
        .isEqualTo(new UnixSocket("UNIX-STREAM", 12, 13, bytes("/run/x"), false));
    assertThat(parse("UNIX:[12,@\"sock >x\"]"))
        .isEqualTo(new UnixSocket("UNIX", 12, 0, bytes("sock >x"), true));
    assertThat(parse("UNIX-DGRAM:[12]"))
        .isEqualTo(new UnixSocket("UNIX-DGRAM", 12, 0, null, false));
    assertThat(parse("socket:[9]")).isEqualTo(new Socket("socket", 9, Bytes.EMPTY, Bytes.EMPTY));
    assertThat(parse("TCPv6:[[::1]:80->[::1]:90]"))
        .isEqualTo(new Socket("TCPv6", 0, bytes("[::1]:80"), bytes("[::1]:90")));
    assertThat(parse("NETLINK:[ROUTE:17]"))
        .isEqualTo(new Socket("NETLINK", 0, bytes("ROUTE:17"), Bytes.EMPTY));
  }

  @Test
  void kernelObjects() {
    assertThat(parse("pipe:[1294695]")).isEqualTo(new Pipe(1294695));
    assertThat(parse("pid:6")).isEqualTo(new Pidfd(6));
    assertThat(parse("pid:[4026531836]")).isEqualTo(new Namespace("pid", 4026531836L));
    assertThat(parse("mnt:[4026532254]")).isEqualTo(new Namespace("mnt", 4026532254L));
    assertThat(parse("anon_inode:[eventpoll]")).isEqualTo(new Anonymous("eventpoll", Bytes.EMPTY));
    assertThat(parse("anon_inode:inotify")).isEqualTo(new Anonymous("inotify", Bytes.EMPTY));
    assertThat(parse("signalfd:[2 /* INT */]"))
        .isEqualTo(new Anonymous("signalfd", bytes("2 /* INT */")));
    assertThat(parse("{eventfd-count=0x1, eventfd-id=2}"))
        .isEqualTo(new Anonymous("eventfd", bytes("{eventfd-count=0x1, eventfd-id=2}")));
    assertThat(parse("sh")).isEqualTo(new Other(bytes("sh")));
    assertThat(parse("")).isEqualTo(new Other(Bytes.EMPTY));
  }

  private static FdAnnotation parse(String text) {
    return FdAnnotation.parse(bytes(text));
  }

  private static Bytes bytes(String text) {
    return Bytes.of(text);
  }
}

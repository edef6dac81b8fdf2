package io.kledger.cli.command;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The trace of a machine that goes on for as long as wanted, with a state that does not grow: a
 * supervisor starts a process after the other; each unshares, mounts, opens, locks and goes; a
 * hundred of them stay and wait.
 */
final class BusyMachine extends InputStream {
  private static final int STAYING = 100;
  private static final int CALLS = 20;
  private final long rounds;
  private long round;
  private byte[] text = {};
  private int at;
  private int calls;

  BusyMachine(long events) {
    rounds = Math.max(1, events / CALLS);
  }

  @Override
  public int read() {
    return fill() ? text[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    if (length == 0 || !fill()) {
      return length == 0 ? 0 : -1;
    }
    int count = Math.min(length, text.length - at);
    System.arraycopy(text, at, into, offset, count);
    at += count;
    return count;
  }

  private boolean fill() {
    while (at == text.length && round < rounds) {
      at = 0;
      text = next().getBytes(StandardCharsets.US_ASCII);
      round++;
    }
    return at < text.length;
  }

  private String next() {
    StringBuilder out = new StringBuilder(4096);
    int child = 100 + (int) (round % 30_000);
    int file = (int) (round % 500);
    line(out, 10, "clone(child_stack=NULL, flags=SIGCHLD) = " + child);
    line(out, child, "openat(AT_FDCWD, \"/run/f" + file + "\", O_RDWR|O_CREAT, 0600) = 3");
    line(out, child, "flock(3, LOCK_EX) = 0");
    line(
        out,
        child,
        "fcntl(3, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=0, l_len=9}) = 0");
    line(out, child, "pipe2([4, 5], O_CLOEXEC) = 0");
    line(out, child, "dup3(3, 9, 0) = 9");
    line(out, child, "mkdir(\"/run/d" + file + "\", 0755) = 0");
    line(out, child, "mount(\"t\", \"/run/d" + file + "\", \"tmpfs\", 0, NULL) = 0");
    line(
        out,
        child,
        "mount(NULL, \"/run/d" + file + "\", NULL, MS_REMOUNT|MS_BIND|MS_RDONLY, NULL) = 0");
    line(out, child, "chdir(\"/run/d" + file + "\") = 0");
    line(out, child, "close(5) = 0");
    line(
        out,
        child,
        "fcntl(3, F_SETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, l_start=0, l_len=9}) = 0");
    line(out, child, "chdir(\"/\") = 0");
    line(out, child, "umount2(\"/run/d" + file + "\", 0) = 0");
    line(out, child, "rmdir(\"/run/d" + file + "\") = 0");
    line(out, child, "unlink(\"/run/f" + file + "\") = 0");
    long gone = round - STAYING;
    if (gone >= 0) {
      int old = 100 + (int) (gone % 30_000);
      line(out, old, "flock(3, LOCK_UN) = 0");
      line(out, old, "exit_group(0) = ?");
      line(out, old, "+++ exited with 0 +++");
      line(out, 10, "wait4(" + old + ", NULL, 0, NULL) = " + old);
    }
    return out.toString();
  }

  private void line(StringBuilder out, int tid, String call) {
    calls++;
    out.append(tid)
        .append(' ')
        .append(1_700_000_000L + calls / 1000)
        .append('.')
        .append("%06d".formatted(calls % 1000 * 1000))
        .append(' ')
        .append(call)
        .append('\n');
  }
}

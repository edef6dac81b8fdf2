package io.kledger.ingest.strace;

import io.kledger.event.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Takes the annotation of a file descriptor apart. */
final class FdAnnotationParser {
  private static final byte[] DELETED = ValueParser.ascii(">(deleted)");
  private static final Set<String> NAMESPACES =
      Set.of("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts");

  private final byte[] s;
  private int end;
  private final boolean deleted;

  FdAnnotationParser(byte[] text) {
    deleted = endsWith(text, text.length, DELETED);
    int length = text.length - (deleted ? DELETED.length : 0);
    if (length > 0 && text[0] == '\\') {
      // -xx escapes the name and leaves what strace adds to it: "\x2f..."<char 1:3>
      int name = 0;
      while (name < length && text[name] != '<') {
        name++;
      }
      byte[] plain = Escapes.unescape(text, 0, name);
      byte[] all = java.util.Arrays.copyOf(plain, plain.length + length - name);
      System.arraycopy(text, name, all, plain.length, length - name);
      s = all;
      end = all.length;
      escaped = false;
    } else {
      s = text;
      end = length;
      escaped = true;
    }
  }

  private final boolean escaped;

  FdAnnotation parse() {
    if (end > 0 && s[0] == '/') {
      return path();
    }
    if (end > 0 && s[0] == '{') {
      return object();
    }
    int colon = 0;
    while (colon < end && s[colon] != ':') {
      colon++;
    }
    if (colon == end) {
      return other();
    }
    String kind = new String(s, 0, colon, StandardCharsets.ISO_8859_1);
    boolean bracket = colon + 1 < end && s[colon + 1] == '[' && s[end - 1] == ']';
    int from = bracket ? colon + 2 : colon + 1;
    int to = bracket ? end - 1 : end;
    return of(kind, from, to, bracket);
  }

  private FdAnnotation of(String kind, int from, int to, boolean bracket) {
    long number = number(from, to);
    if (kind.equals("anon_inode")) {
      return new FdAnnotation.Anonymous(text(from, to), Bytes.EMPTY);
    }
    if (!bracket) {
      return kind.equals("pid") && number >= 0 ? new FdAnnotation.Pidfd((int) number) : other();
    }
    if (kind.equals("pipe") && number >= 0) {
      return new FdAnnotation.Pipe(number);
    }
    if (NAMESPACES.contains(kind) && number >= 0) {
      return new FdAnnotation.Namespace(kind, number);
    }
    if (kind.startsWith("UNIX")) {
      return unix(kind, from, to);
    }
    if (kind.equals("signalfd") || kind.equals("timerfd")) {
      return new FdAnnotation.Anonymous(kind, Bytes.of(s, from, to));
    }
    return socket(kind, from, to, number);
  }

  private FdAnnotation path() {
    int angle = -1;
    for (int i = 0; i < end && angle < 0; i++) {
      angle = s[i] == '<' ? i : -1;
    }
    if (angle > 0 && s[end - 1] == '>') {
      FdAnnotation device = device(angle);
      if (device != null) {
        return device;
      }
    }
    if (deleted && startsWith(0, "/memfd:")) {
      return new FdAnnotation.Memfd(name(7, end));
    }
    return new FdAnnotation.Path(name(0, end), deleted);
  }

  /** {@code /dev/pts/ptmx<char 5:2 @/dev/pts/0>}. */
  private FdAnnotation device(int angle) {
    boolean block = startsWith(angle + 1, "block ");
    if (!block && !startsWith(angle + 1, "char ")) {
      return null;
    }
    int i = angle + (block ? 7 : 6);
    int colon = i;
    while (colon < end && s[colon] != ':') {
      colon++;
    }
    int after = colon + 1;
    while (after < end - 1 && s[after] != ' ') {
      after++;
    }
    long major = number(i, colon);
    long minor = number(colon + 1, after);
    if (major < 0 || minor < 0) {
      return null;
    }
    boolean hasPeer = after + 2 < end && s[after] == ' ' && s[after + 1] == '@';
    Bytes peer = hasPeer ? name(after + 2, end - 1) : Bytes.EMPTY;
    return new FdAnnotation.Device(name(0, angle), block, (int) major, (int) minor, peer, deleted);
  }

  /** {@code {eventfd-count=0x1, eventfd-id=2, eventfd-semaphore=0}}. */
  private FdAnnotation object() {
    int dash = 1;
    while (dash < end && s[dash] != '-' && s[dash] != '=') {
      dash++;
    }
    return new FdAnnotation.Anonymous(text(1, dash), Bytes.of(s, 0, end));
  }

  /** {@code 12->13,"/run/x"}: inode, peer, address. */
  private FdAnnotation unix(String type, int from, int to) {
    int i = from;
    while (i < to && s[i] >= '0' && s[i] <= '9') {
      i++;
    }
    long inode = number(from, i);
    long peer = 0;
    if (i + 1 < to && s[i] == '-' && s[i + 1] == '>') {
      int start = i + 2;
      i = start;
      while (i < to && s[i] >= '0' && s[i] <= '9') {
        i++;
      }
      peer = number(start, i);
    }
    Bytes name = null;
    boolean abstractName = false;
    if (i < to && s[i] == ',') {
      i++;
      abstractName = i < to && s[i] == '@';
      i += abstractName ? 1 : 0;
      if (to - i >= 2 && s[i] == '"' && s[to - 1] == '"') {
        name = Bytes.wrap(Escapes.unescape(s, i + 1, to - 1));
        i = to;
      }
    }
    return i == to && inode >= 0 && peer >= 0
        ? new FdAnnotation.UnixSocket(type, inode, peer, name, abstractName)
        : other();
  }

  private FdAnnotation socket(String type, int from, int to, long inode) {
    if (inode >= 0) {
      return new FdAnnotation.Socket(type, inode, Bytes.EMPTY, Bytes.EMPTY);
    }
    int arrow = from;
    while (arrow + 1 < to && !(s[arrow] == '-' && s[arrow + 1] == '>')) {
      arrow++;
    }
    boolean connected = arrow + 1 < to;
    Bytes local = Bytes.of(s, from, connected ? arrow : to);
    Bytes peer = connected ? Bytes.of(s, arrow + 2, to) : Bytes.EMPTY;
    return new FdAnnotation.Socket(type, 0, local, peer);
  }

  private FdAnnotation other() {
    return new FdAnnotation.Other(Bytes.of(s, 0, end));
  }

  private Bytes name(int from, int to) {
    return escaped ? Bytes.wrap(Escapes.unescape(s, from, to)) : Bytes.of(s, from, to);
  }

  private String text(int from, int to) {
    boolean brackets = to - from >= 2 && s[from] == '[' && s[to - 1] == ']';
    int a = brackets ? from + 1 : from;
    return new String(s, a, (brackets ? to - 1 : to) - a, StandardCharsets.ISO_8859_1);
  }

  /** The decimal number that is all of the range, -1 if it is none. */
  private long number(int from, int to) {
    if (from >= to || to - from > 18) {
      return -1;
    }
    long n = 0;
    for (int i = from; i < to; i++) {
      if (s[i] < '0' || s[i] > '9') {
        return -1;
      }
      n = n * 10 + s[i] - '0';
    }
    return n;
  }

  private boolean startsWith(int at, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (at + i >= end || s[at + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean endsWith(byte[] s, int to, byte[] text) {
    return to >= text.length
        && java.util.Arrays.equals(s, to - text.length, to, text, 0, text.length);
  }
}

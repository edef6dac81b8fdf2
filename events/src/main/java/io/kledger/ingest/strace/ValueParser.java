package io.kledger.ingest.strace;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Parses the arguments of a call into {@link Value}s. One parser reads one line after the other;
 * its state between lines is only a stack that it reuses.
 */
final class ValueParser extends TextCursor {
  private static final byte[] UNFINISHED = ascii("<unfinished ...>");
  private static final byte[] DETACHED = ascii("<detached ...>");
  private static final byte[] AT_FDCWD = ascii("AT_FDCWD");
  private static final byte[] RESUMING = ascii("<... ");

  private final int maxDepth;
  private int depth;
  private boolean unfinished;
  private Value[] stack = new Value[64];
  private int top;

  ValueParser(int maxDepth) {
    this.maxDepth = maxDepth;
  }

  /**
   * Parses what follows the opening parenthesis of a call.
   *
   * @param partial the text may end before the closing parenthesis
   */
  List<Value> arguments(byte[] source, int from, int to, boolean partial) throws Mismatch {
    s = source;
    i = from;
    end = to;
    depth = 0;
    top = 0;
    unfinished = false;
    skipBlanks();
    if (i == end && partial) {
      return List.of();
    }
    return list((byte) ')', partial);
  }

  /** Index after the closing parenthesis. */
  int position() {
    return i;
  }

  /** Whether the arguments ended early in {@code <unfinished ...>}. */
  boolean unfinished() {
    return unfinished;
  }

  private List<Value> list(byte close, boolean partial) throws Mismatch {
    int base = top;
    while (true) {
      skipBlanks();
      if (i < end && s[i] == close) {
        i++;
        break;
      }
      if (close == ')' && (at(UNFINISHED) || at(DETACHED))) {
        unfinished = true;
        i += at(UNFINISHED) ? UNFINISHED.length : DETACHED.length;
        continue;
      }
      if (i == end) {
        if (partial) {
          break;
        }
        throw new Mismatch(i, "expected `" + (char) close + "`");
      }
      int before = i;
      push(value());
      if (i == before) {
        throw new Mismatch(i, "expected a value");
      }
      skipBlanks();
      if (i < end && s[i] == ',') {
        i++;
      } else if (i < end && s[i] != close && s[i] != '<') {
        throw new Mismatch(i, "expected `,` or `" + (char) close + "`");
      }
    }
    if (top == base) {
      return Collections.emptyList();
    }
    List<Value> values = Arrays.asList(Arrays.copyOfRange(stack, base, top));
    top = base;
    return values;
  }

  private void push(Value value) {
    if (top == stack.length) {
      stack = Arrays.copyOf(stack, top * 2);
    }
    stack[top++] = value;
  }

  private Value value() throws Mismatch {
    if (++depth > maxDepth) {
      throw new Mismatch(i, "nested deeper than " + maxDepth);
    }
    int from = i;
    Value value = primary(from);
    if (i < end && !delimiter(s[i])) {
      value = suffix(from, value);
    }
    depth--;
    return value;
  }

  /**
   * What may stand after a value: {@code => out}, or more of an expression that is no plain value.
   */
  private Value suffix(int from, Value value) throws Mismatch {
    int j = i;
    skipBlanks();
    if (i == end || delimiter(s[i]) || at(UNFINISHED) || at(DETACHED)) {
      i = j;
      return value;
    }
    Value first = value;
    if (!arrow()) {
      i = j;
      rawRest();
      first = new Value.Token(s, from, trimmed(from));
      skipBlanks();
      if (!arrow()) {
        return first;
      }
    }
    i += 2;
    skipBlanks();
    Value out = value();
    return new Value.InOut(s, from, i, first, out);
  }

  private boolean arrow() {
    return i + 1 < end && s[i] == '=' && s[i + 1] == '>';
  }

  private Value primary(int from) throws Mismatch {
    byte c = s[i];
    if (c == '"') {
      return quoted(from, false);
    }
    if (c >= '0' && c <= '9' || c == '-') {
      return number(from);
    }
    if (c == '{') {
      i++;
      List<Value> members = list((byte) '}', false);
      return new Value.Struct(s, from, i, members);
    }
    if (c == '[') {
      i++;
      List<Value> elements = list((byte) ']', false);
      return new Value.Sequence(s, from, i, elements);
    }
    if (wordByte(c)) {
      return word(from);
    }
    if (c == '@' && i + 1 < end && s[i + 1] == '"') {
      i++;
      return quoted(from, true);
    }
    if (c == '$') {
      i++;
      skipWord();
      return new Value.Wildcard(s, from, i);
    }
    if (at(RESUMING)) {
      return resuming(from);
    }
    if (c == ')' || c == ']' || c == '}') {
      throw new Mismatch(i, "`" + (char) c + "` closes nothing");
    }
    rawRest();
    return new Value.Token(s, from, trimmed(from));
  }

  /** {@code <... resuming interrupted read ...>}, the argument of restart_syscall. */
  private Value resuming(int from) throws Mismatch {
    while (i < end && s[i] != '>') {
      i++;
    }
    if (i == end) {
      throw new Mismatch(from, "expected `...>`");
    }
    i++;
    return new Value.Token(s, from, i);
  }

  private Value quoted(int from, boolean abstractName) throws Mismatch {
    i++;
    boolean escaped = false;
    while (true) {
      if (i >= end) {
        throw new Mismatch(from, "string does not end");
      }
      byte c = s[i];
      if (c == '"') {
        break;
      }
      if (c == '\\') {
        escaped = true;
        i++;
      }
      i++;
    }
    int bodyTo = i++;
    boolean cut = i + 2 < end && s[i] == '.' && s[i + 1] == '.' && s[i + 2] == '.';
    if (cut) {
      i += 3;
    }
    return new Value.Quoted(s, from, i, bodyTo, escaped, cut, abstractName);
  }

  private Value number(int from) throws Mismatch {
    boolean negative = s[i] == '-';
    if (negative) {
      i++;
    }
    int digits = i;
    long n = digits();
    if (i == digits) {
      rawRest();
      return new Value.Token(s, from, trimmed(from));
    }
    n = negative ? -n : n;
    int digitsTo = i;
    comment();
    if (i < end && s[i] == '<' && !(i + 1 < end && s[i + 1] == '<')) {
      return descriptor(from, n);
    }
    return new Value.Number(s, from, i, n, digitsTo);
  }

  private Value descriptor(int from, long number) throws Mismatch {
    int targetFrom = i + 1;
    int targetTo = annotation();
    // The pid of another namespace: 6<sh> /* 9 in strace's PID NS */
    comment();
    return new Value.Descriptor(s, from, i, number, targetFrom, targetTo);
  }

  private Value word(int from) throws Mismatch {
    skipWord();
    if (i == end) {
      return new Value.Token(s, from, i);
    }
    byte c = s[i];
    if (c == '=' && !(i + 1 < end && (s[i + 1] == '>' || s[i + 1] == '='))) {
      int nameTo = i++;
      Value value = i < end && !delimiter(s[i]) ? value() : new Value.Token(s, i, i);
      return new Value.Named(s, from, i, nameTo, value);
    }
    if (c == '<' && isAtFdcwd(from)) {
      return descriptor(from, -100);
    }
    if (i == from + 1 && s[from] == '_') {
      return new Value.Wildcard(s, from, i);
    }
    return new Value.Token(s, from, i);
  }

  private boolean isAtFdcwd(int from) {
    return i - from == AT_FDCWD.length && Arrays.equals(s, from, i, AT_FDCWD, 0, AT_FDCWD.length);
  }

  /** Skips to the next delimiter at this level, over strings, comments and nested brackets. */
  private void rawRest() throws Mismatch {
    int base = depth;
    int start = i;
    while (i < end) {
      byte c = s[i];
      if (depth == base && (delimiter(c) || i > start && s[i - 1] == ' ' && arrow())) {
        break;
      }
      if (c == '"') {
        quoted(i, false);
      } else if (c == '/' && i + 1 < end && s[i + 1] == '*') {
        skipComment();
      } else if (c == '<') {
        if (!angle(start)) {
          break;
        }
      } else {
        if (c == '(' || c == '[' || c == '{') {
          if (++depth > maxDepth) {
            throw new Mismatch(i, "nested deeper than " + maxDepth);
          }
        } else if (c == ')' || c == ']' || c == '}') {
          depth--;
        }
        i++;
      }
    }
    if (depth != base) {
      throw new Mismatch(start, "bracket does not close");
    }
  }

  /**
   * A {@code <} inside an expression: a shift, an annotation or nothing; false: the call ends here.
   */
  private boolean angle(int start) throws Mismatch {
    if (i + 1 < end && s[i + 1] == '<') {
      i += 2;
    } else if (i > start && (wordByte(s[i - 1]) || s[i - 1] == '/')) {
      annotation();
    } else if (at(UNFINISHED) || at(DETACHED)) {
      return false;
    } else {
      i++;
    }
    return true;
  }
}

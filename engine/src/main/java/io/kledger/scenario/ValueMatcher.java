package io.kledger.scenario;

import io.kledger.abi.Constants;
import io.kledger.event.Bytes;
import io.kledger.ingest.strace.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Compares arguments. Three trees are walked together: what the file wrote (its members and open
 * places count), the same bound and printed again (so that a number and its name are one), and what
 * the engine says.
 */
final class ValueMatcher {
  private final Bindings bindings;

  ValueMatcher(Bindings bindings) {
    this.bindings = bindings;
  }

  /** Null if the arguments agree, else what differs. */
  String difference(List<Value> written, List<Value> canonical, List<Value> actual) {
    for (int i = 0; i < written.size(); i++) {
      Value w = written.get(i);
      if (ellipsis(w)) {
        return null;
      }
      Value mine = i < actual.size() ? actual.get(i) : null;
      boolean nowhere = w instanceof Value.Token && w.text().latin1().equals("NULL");
      if (nowhere && !(mine instanceof Value.Number)) {
        // The program has no memory there for what the call would write.
        continue;
      }
      String why = difference(w, i < canonical.size() ? canonical.get(i) : w, mine);
      if (why != null) {
        return why;
      }
    }
    return null;
  }

  private String difference(Value written, Value canonical, Value actual) {
    if (written instanceof Value.Wildcard any) {
      return wildcard(any, actual);
    }
    if (actual == null) {
      return zero(canonical) ? null : differs(written, null);
    }
    return switch (written) {
      case Value.Named named -> difference(named.value(), unnamed(canonical), unnamed(actual));
      case Value.InOut pair -> {
        Value.InOut mine = actual instanceof Value.InOut p ? p : null;
        Value.InOut plain = canonical instanceof Value.InOut p ? p : null;
        // What the program gave is no expectation where the answer tells only what came back.
        String why =
            mine == null
                ? null
                : difference(pair.in(), plain == null ? pair.in() : plain.in(), mine.in());
        yield why != null
            ? why
            : difference(
                pair.out(),
                plain == null ? pair.out() : plain.out(),
                mine == null ? actual : mine.out());
      }
      case Value.Struct struct -> struct(struct, canonical, actual);
      case Value.Sequence sequence -> sequence(sequence, canonical, actual);
      case Value.Quoted quoted -> quoted(quoted, canonical, actual);
      case Value.Number number -> leaf(written, canonical, actual);
      case Value.Descriptor fd -> leaf(written, canonical, actual);
      case Value.Token token -> leaf(written, canonical, actual);
      case Value.Wildcard any -> wildcard(any, actual);
    };
  }

  private String wildcard(Value.Wildcard any, Value actual) {
    String name = any.name().latin1();
    if (name.isEmpty()) {
      return null;
    }
    String value = actual == null ? "0" : number(actual);
    String bound = bindings.get(name);
    if (bound == null) {
      bindings.bind(name, value);
      return null;
    }
    return bound.equals(value) || sameNumber(bound, value)
        ? null
        : "$" + name + " is " + bound + " and here " + value;
  }

  private String struct(Value.Struct written, Value canonical, Value actual) {
    Value mine = actual instanceof Value.InOut pair ? pair.out() : actual;
    if (!(mine instanceof Value.Struct engine)) {
      return differs(written, actual);
    }
    Value plain = canonical instanceof Value.InOut pair ? pair.out() : canonical;
    for (Value member : written.members()) {
      if (!(member instanceof Value.Named named)) {
        continue;
      }
      Value expected = plain instanceof Value.Struct s ? member(s, named.name()) : null;
      String why =
          difference(
              named.value(),
              expected == null ? named.value() : expected,
              member(engine, named.name()));
      if (why != null) {
        return why;
      }
    }
    return null;
  }

  private static Value member(Value.Struct struct, Bytes name) {
    for (Value member : struct.members()) {
      if (member instanceof Value.Named named && named.name().equals(name)) {
        return named.value();
      }
    }
    return null;
  }

  private String sequence(Value.Sequence written, Value canonical, Value actual) {
    if (!(actual instanceof Value.Sequence mine)) {
      return written.elements().size() == 1
          ? leaf(written.elements().getFirst(), written.elements().getFirst(), actual)
          : differs(written, actual);
    }
    List<Value> elements = new ArrayList<>(written.elements());
    boolean more = !elements.isEmpty() && ellipsis(elements.getLast());
    if (more) {
      elements.removeLast();
    }
    if (more
        ? elements.size() > mine.elements().size()
        : elements.size() != mine.elements().size()) {
      return differs(written, actual);
    }
    List<Value> plain = canonical instanceof Value.Sequence s ? s.elements() : written.elements();
    for (int i = 0; i < elements.size(); i++) {
      String why =
          difference(
              elements.get(i),
              i < plain.size() ? plain.get(i) : elements.get(i),
              mine.elements().get(i));
      if (why != null) {
        return why;
      }
    }
    return null;
  }

  private String quoted(Value.Quoted written, Value canonical, Value actual) {
    if (!(actual instanceof Value.Quoted mine)) {
      return leaf(written, canonical, actual);
    }
    if (Arrays.equals(written.bytes(), mine.bytes())
        || written.cut() && Bytes.wrap(mine.bytes()).startsWith(Bytes.wrap(written.bytes()))) {
      return null;
    }
    String text = Bytes.wrap(written.bytes()).latin1();
    return Bindings.open(text) && bindings.matches(text, Bytes.wrap(mine.bytes()).latin1())
        ? null
        : differs(written, actual);
  }

  private String leaf(Value written, Value canonical, Value actual) {
    String mine = actual.text().latin1();
    String plain = canonical.text().latin1();
    return mine.equals(plain)
            || sameNumber(number(canonical), number(actual))
            || zero(canonical) && zero(actual)
            || bindings.matches(written.text().latin1(), mine)
        ? null
        : differs(written, actual);
  }

  private static Value unnamed(Value value) {
    return value instanceof Value.Named named ? named.value() : value;
  }

  private static boolean ellipsis(Value value) {
    return value.text().latin1().equals("...");
  }

  private static boolean zero(Value value) {
    return switch (value) {
      case Value.Number number -> number.value() == 0;
      case Value.Token token -> {
        String text = token.text().latin1();
        yield text.equals("NULL") || text.equals("0");
      }
      case Value.Sequence sequence -> sequence.elements().isEmpty();
      case Value.Quoted quoted -> quoted.bytes().length == 0;
      case Value.Descriptor fd -> fd.number() == 0;
      case Value.Struct struct -> struct.members().isEmpty();
      case Value.Named named -> zero(named.value());
      case Value.InOut pair -> zero(pair.out());
      case Value.Wildcard any -> true;
    };
  }

  /** A number without its comment or annotation; other values as printed. */
  private static String number(Value value) {
    return switch (value) {
      case Value.Number number ->
          Bytes.of(number.source(), number.from(), number.digitsTo()).latin1();
      case Value.Descriptor fd -> Long.toString(fd.number());
      // Bytes that are no text are used again as they are written, between their quotes.
      case Value.Quoted quoted ->
          quoted.escaped() ? value.text().latin1() : Bytes.wrap(quoted.bytes()).latin1();
      case Value.Sequence sequence when sequence.elements().size() == 1 ->
          number(sequence.elements().getFirst());
      default -> value.text().latin1();
    };
  }

  static boolean sameNumber(String a, String b) {
    Long left = numeric(a);
    return left != null && left.equals(numeric(b));
  }

  private static Long numeric(String text) {
    try {
      if (text.startsWith("0x")) {
        return Long.parseUnsignedLong(text.substring(2), 16);
      }
      if (text.length() > 1 && text.startsWith("0")) {
        return Long.parseUnsignedLong(text, 8);
      }
      return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      return Constants.value(text);
    }
  }

  private static String differs(Value written, Value actual) {
    return "expected "
        + written.text().latin1()
        + ", got "
        + (actual == null ? "nothing" : actual.text().latin1());
  }
}

package io.kledger.filter;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** A condition on an event. */
public sealed interface Filter {
  /** The fields there are. */
  Set<String> FIELDS =
      Set.of(
          "evt.num",
          "evt.type",
          "evt.time",
          "evt.failed",
          "evt.res",
          "evt.args",
          "evt.line",
          "proc.pid",
          "proc.tid",
          "proc.name",
          "fd.num",
          "fd.name",
          "note.type",
          "note.path");

  /** Whether an event meets it; {@code field} gives the value of a field, null if it has none. */
  boolean matches(Function<String, String> field);

  /** The fields that it looks at. */
  void fields(Set<String> into);

  /** Whether it looks at a field. */
  default boolean uses(String field) {
    Set<String> fields = new TreeSet<>();
    fields(fields);
    return fields.contains(field);
  }

  /** Everything. */
  static Filter all() {
    return new And(List.of());
  }

  /** Parses a filter on events and notifications. */
  static Filter parse(String text) {
    return parse(text, FIELDS);
  }

  /** Parses a filter on something else: what has these fields. */
  static Filter parse(String text, Set<String> fields) {
    return text.isBlank() ? all() : new FilterParser(text, fields).parse();
  }

  /** All of them. */
  record And(List<Filter> parts) implements Filter {
    @Override
    public boolean matches(Function<String, String> field) {
      return parts.stream().allMatch(part -> part.matches(field));
    }

    @Override
    public void fields(Set<String> into) {
      parts.forEach(part -> part.fields(into));
    }
  }

  /** One of them. */
  record Or(List<Filter> parts) implements Filter {
    @Override
    public boolean matches(Function<String, String> field) {
      return parts.stream().anyMatch(part -> part.matches(field));
    }

    @Override
    public void fields(Set<String> into) {
      parts.forEach(part -> part.fields(into));
    }
  }

  /** The opposite. */
  record Not(Filter part) implements Filter {
    @Override
    public boolean matches(Function<String, String> field) {
      return !part.matches(field);
    }

    @Override
    public void fields(Set<String> into) {
      part.fields(into);
    }
  }

  /** A field compared with values. */
  record Compare(String name, Operator operator, List<String> values) implements Filter {
    @Override
    public boolean matches(Function<String, String> field) {
      String value = field.apply(name);
      return value == null
          ? operator == Operator.NOT_EQUAL
          : operator == Operator.NOT_EQUAL
              ? values.stream().noneMatch(v -> equal(value, v))
              : values.stream().anyMatch(v -> compare(value, v));
    }

    private boolean compare(String value, String wanted) {
      return switch (operator) {
        case EQUAL, IN -> equal(value, wanted);
        case NOT_EQUAL -> !equal(value, wanted);
        case CONTAINS -> value.contains(wanted);
        case STARTS_WITH -> value.startsWith(wanted);
        case EXISTS -> true;
        case LESS -> order(value, wanted) < 0;
        case LESS_EQUAL -> order(value, wanted) <= 0;
        case GREATER -> order(value, wanted) > 0;
        case GREATER_EQUAL -> order(value, wanted) >= 0;
      };
    }

    private static boolean equal(String a, String b) {
      return a.equals(b);
    }

    /** Numbers by value, other texts by their characters. */
    private static int order(String a, String b) {
      try {
        return Long.compare(Long.parseLong(a), Long.parseLong(b));
      } catch (NumberFormatException e) {
        return a.compareTo(b);
      }
    }

    @Override
    public void fields(Set<String> into) {
      into.add(name);
    }
  }

  /** How a field is compared. */
  enum Operator {
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_EQUAL,
    GREATER,
    GREATER_EQUAL,
    IN,
    CONTAINS,
    STARTS_WITH,
    EXISTS
  }
}

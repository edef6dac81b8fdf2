package io.kledger.filter;

import io.kledger.filter.Filter.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads filters: {@code or} binds weaker than {@code and}, {@code not} strongest. */
final class FilterParser {
  private static final String SYMBOLS = "()=!<>,";
  private static final int DEEPEST = 100;

  private record Token(int column, String text, boolean quoted) {
    boolean is(String word) {
      return !quoted && text.equals(word);
    }
  }

  private final String text;
  private final Set<String> fields;
  private final List<Token> tokens = new ArrayList<>();
  private int next;
  private int depth;

  FilterParser(String text, Set<String> fields) {
    this.text = text;
    this.fields = fields;
    tokenize();
  }

  Filter parse() {
    Filter filter = or();
    if (next < tokens.size()) {
      throw error("expected `and`, `or` or the end");
    }
    return filter;
  }

  private Filter or() {
    if (++depth > DEEPEST) {
      throw error("too deeply nested");
    }
    List<Filter> parts = new ArrayList<>(List.of(and()));
    while (take("or")) {
      parts.add(and());
    }
    depth--;
    return parts.size() == 1 ? parts.getFirst() : new Filter.Or(parts);
  }

  private Filter and() {
    List<Filter> parts = new ArrayList<>(List.of(not()));
    while (take("and")) {
      parts.add(not());
    }
    return parts.size() == 1 ? parts.getFirst() : new Filter.And(parts);
  }

  private Filter not() {
    boolean negative = false;
    while (take("not")) {
      negative = !negative;
    }
    Filter filter = primary();
    return negative ? new Filter.Not(filter) : filter;
  }

  private Filter primary() {
    if (take("(")) {
      Filter filter = or();
      need(")");
      return filter;
    }
    Token field = peek();
    if (field == null || field.quoted || !fields.contains(field.text)) {
      throw error("expected a field: " + String.join(", ", fields.stream().sorted().toList()));
    }
    next++;
    Operator operator = operator();
    if (operator == Operator.EXISTS) {
      return new Filter.Compare(field.text, operator, List.of(""));
    }
    if (operator != Operator.IN) {
      return new Filter.Compare(field.text, operator, List.of(value()));
    }
    need("(");
    List<String> values = new ArrayList<>(List.of(value()));
    while (take(",")) {
      values.add(value());
    }
    need(")");
    return new Filter.Compare(field.text, operator, values);
  }

  private Operator operator() {
    Token token = peek();
    next++;
    Operator operator =
        token == null || token.quoted
            ? null
            : switch (token.text) {
              case "=", "==" -> Operator.EQUAL;
              case "!=" -> Operator.NOT_EQUAL;
              case "<" -> Operator.LESS;
              case "<=" -> Operator.LESS_EQUAL;
              case ">" -> Operator.GREATER;
              case ">=" -> Operator.GREATER_EQUAL;
              case "in" -> Operator.IN;
              case "contains" -> Operator.CONTAINS;
              case "startswith" -> Operator.STARTS_WITH;
              case "exists" -> Operator.EXISTS;
              default -> null;
            };
    if (operator == null) {
      next--;
      throw error("expected = != < <= > >= in contains startswith exists");
    }
    return operator;
  }

  private String value() {
    Token token = peek();
    if (token == null || !token.quoted && SYMBOLS.indexOf(token.text.charAt(0)) >= 0) {
      throw error("expected a value");
    }
    next++;
    return token.text;
  }

  private Token peek() {
    return next < tokens.size() ? tokens.get(next) : null;
  }

  private boolean take(String word) {
    Token token = peek();
    if (token != null && token.is(word)) {
      next++;
      return true;
    }
    return false;
  }

  private void need(String word) {
    if (!take(word)) {
      throw error("expected `" + word + "`");
    }
  }

  private FilterException error(String problem) {
    Token token = peek();
    return new FilterException(text, token == null ? text.length() : token.column, problem);
  }

  private void tokenize() {
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (Character.isWhitespace(c)) {
        i++;
      } else if (c == '"' || c == '\'') {
        int end = text.indexOf(c, i + 1);
        if (end < 0) {
          throw new FilterException(text, i, "the closing quote is missing");
        }
        tokens.add(new Token(i, text.substring(i + 1, end), true));
        i = end + 1;
      } else if (SYMBOLS.indexOf(c) >= 0) {
        boolean pair = "=!<>".indexOf(c) >= 0 && text.startsWith("=", i + 1);
        tokens.add(new Token(i, text.substring(i, i + (pair ? 2 : 1)), false));
        i += pair ? 2 : 1;
      } else {
        int end = i;
        while (end < text.length()
            && !Character.isWhitespace(text.charAt(end))
            && SYMBOLS.indexOf(text.charAt(end)) < 0) {
          end++;
        }
        tokens.add(new Token(i, text.substring(i, end), false));
        i = end;
      }
    }
  }
}

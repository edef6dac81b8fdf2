package io.kledger.filter;

/** A filter that cannot be read. */
public final class FilterException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  FilterException(String filter, int column, String problem) {
    super(
        "filter, column "
            + (column + 1)
            + ": "
            + problem
            + "\n  "
            + filter
            + "\n  "
            + " ".repeat(column)
            + "^");
  }
}

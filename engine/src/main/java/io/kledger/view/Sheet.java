package io.kledger.view;

import io.kledger.event.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of values under named columns: what tables and JSON are made from.
 *
 * <p>A value is a {@link Bytes}, {@link String}, {@link Long}, {@link Integer}, {@link Boolean}, a
 * list of such, another sheet (children of a tree) or null for what is not known.
 */
public record Sheet(List<String> columns, List<List<Object>> rows) {

  public Sheet {
    columns = List.copyOf(columns);
    for (List<Object> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            row.size() + " values under " + columns.size() + " columns");
      }
    }
  }

  /** An empty sheet to add rows to. */
  public static Sheet of(String... columns) {
    return new Sheet(List.of(columns), new ArrayList<>());
  }

  /** Adds a row. */
  public Sheet row(Object... values) {
    if (values.length != columns.size()) {
      throw new IllegalArgumentException(
          values.length + " values under " + columns.size() + " columns");
    }
    List<Object> row = new ArrayList<>(values.length);
    for (Object value : values) {
      row.add(value);
    }
    rows.add(row);
    return this;
  }

  /** The same rows with only these columns, in this order. */
  public Sheet select(List<String> names) {
    int[] index = new int[names.size()];
    for (int i = 0; i < index.length; i++) {
      index[i] = columns.indexOf(names.get(i));
      if (index[i] < 0) {
        throw new IllegalArgumentException(
            "no column " + names.get(i) + "; there are " + String.join(",", columns));
      }
    }
    Sheet result = new Sheet(names, new ArrayList<>());
    for (List<Object> row : rows) {
      List<Object> selected = new ArrayList<>(index.length);
      for (int i : index) {
        selected.add(row.get(i));
      }
      result.rows.add(selected);
    }
    return result;
  }

  public boolean isEmpty() {
    return rows.isEmpty();
  }
}

package io.kledger.cli.render;

/** How a sheet is printed. */
public enum Format {
  /** A table. */
  text,
  /** One array of objects. */
  json,
  /** One object a line. */
  jsonl
}

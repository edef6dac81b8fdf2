package io.kledger.store;

/**
 * Names a table of the state. The number goes into stored keys: it is never changed and never given
 * to another table.
 *
 * @param number from 1 to 255, unique
 * @param name for people
 * @param type the record class of the rows
 */
public record TableId<V extends Row>(int number, String name, Class<V> type) {
  public TableId {
    if (number < 1 || number > 255) {
      throw new IllegalArgumentException("table number " + number);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}

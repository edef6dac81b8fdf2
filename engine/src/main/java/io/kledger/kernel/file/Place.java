package io.kledger.kernel.file;

/** A dentry seen through a mount (struct path), by keys. Both 0: unknown. */
public record Place(long mount, long dentry) {
  public static final Place UNKNOWN = new Place(0, 0);

  public boolean known() {
    return mount != 0 && dentry != 0;
  }
}

package io.kledger.kernel.task;

import io.kledger.kernel.file.Place;
import io.kledger.store.Row;

/** Root, cwd and umask (struct fs_struct), shared by tasks cloned with CLONE_FS. */
public record FsStruct(long key, Place root, Place cwd, int umask) implements Row {
  public FsStruct withRoot(Place place) {
    return new FsStruct(key, place, cwd, umask);
  }

  public FsStruct withCwd(Place place) {
    return new FsStruct(key, root, place, umask);
  }

  public FsStruct withUmask(int mask) {
    return new FsStruct(key, root, cwd, mask);
  }
}

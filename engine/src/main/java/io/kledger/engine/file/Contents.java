package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileContent;
import io.kledger.kernel.file.Inode;
import java.util.Arrays;

/** Contents of the files of a simulation: who reads what was written. */
public final class Contents {
  private Contents() {}

  /** What a file holds; null if that is not known. */
  public static Bytes of(KernelState state, Inode inode) {
    if (inode.size() == 0) {
      return Bytes.EMPTY;
    }
    FileContent row = state.contents.get(inode.key());
    return row == null || row.data().length() != inode.size() ? null : row.data();
  }

  /** The file holds this from now on; its size is set by the caller. */
  public static void set(CallContext context, long inode, Bytes data) {
    if (data.isEmpty() || data.length() > FileContent.LARGEST) {
      drop(context, inode);
    } else {
      context.put(Tables.CONTENTS, new FileContent(inode, data));
    }
  }

  /** Bytes are written at an offset; null if the log does not show them. */
  public static void write(CallContext context, Inode before, long offset, Bytes data) {
    Bytes old = of(context.state(), before);
    long end = data == null ? 0 : Math.max(before.size(), offset + data.length());
    if (data == null || old == null || end > FileContent.LARGEST) {
      drop(context, before.key());
      return;
    }
    byte[] bytes = Arrays.copyOf(old.toArray(), (int) end);
    System.arraycopy(data.toArray(), 0, bytes, (int) offset, data.length());
    set(context, before.key(), Bytes.wrap(bytes));
  }

  /** The file gets another size: zeros are added at its end, or bytes taken from it. */
  public static void resize(CallContext context, Inode before, long size) {
    Bytes old = of(context.state(), before);
    if (old == null || size > FileContent.LARGEST) {
      drop(context, before.key());
    } else if (size != before.size()) {
      set(context, before.key(), Bytes.wrap(Arrays.copyOf(old.toArray(), (int) size)));
    }
  }

  /** Nothing is known of the content any more, or the inode is gone. */
  public static void drop(CallContext context, long inode) {
    if (context.state().contents.get(inode) != null) {
      context.remove(Tables.CONTENTS, inode);
    }
  }
}

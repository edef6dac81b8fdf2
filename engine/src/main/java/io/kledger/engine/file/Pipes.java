package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.PipeSize;

/**
 * Pipes and fifos (fs/pipe.c): who has which end, and what is in between. The size of the inode is
 * the number of bytes in the pipe; below 0 where a trace shows them read before the write returns.
 */
public final class Pipes {
  /** Default capacity: 16 pages. */
  public static final long CAPACITY = 65536;

  /** Writes up to this many bytes are not divided: PIPE_BUF. */
  public static final long ATOMIC = 4096;

  private Pipes() {}

  /** How many bytes fit. */
  public static long capacity(KernelState state, long inode) {
    PipeSize size = state.pipeSizes.get(inode);
    return size == null ? CAPACITY : size.bytes();
  }

  public static boolean isPipe(Inode inode) {
    return inode != null && (inode.mode() & Inode.S_IFMT) == Inode.S_IFIFO;
  }

  /** What the log knows of the descriptions of one side. */
  public enum Ends {
    NONE,
    SOME,
    /** None that the log has seen, but there were others before it began. */
    UNKNOWN
  }

  public static Ends readers(KernelState state, long inode) {
    return ends(state, inode, false);
  }

  public static Ends writers(KernelState state, long inode) {
    return ends(state, inode, true);
  }

  private static Ends ends(KernelState state, long inode, boolean write) {
    boolean inferred = false;
    for (long key : state.descriptionsByInode.keys(inode)) {
      OpenFileDescription file = state.descriptions.require(key);
      if (file.flagsKnown() && (write ? file.writable() : file.readable())) {
        return Ends.SOME;
      }
      inferred |= file.inferred();
    }
    return inferred ? Ends.UNKNOWN : Ends.NONE;
  }

  /** Whether everything that ever was in the pipe was seen. */
  public static boolean known(KernelState state, long inode) {
    for (long key : state.descriptionsByInode.keys(inode)) {
      if (state.descriptions.require(key).inferred()) {
        return false;
      }
    }
    return true;
  }

  /** Bytes come in; {@code data} is null if they are not shown. */
  public static void fill(CallContext context, Inode pipe, long count, Bytes data) {
    Bytes old = Contents.of(context.state(), pipe);
    if (old == null || data == null || pipe.size() < 0) {
      Contents.drop(context, pipe.key());
    } else {
      byte[] both = new byte[old.length() + data.length()];
      System.arraycopy(old.toArray(), 0, both, 0, old.length());
      System.arraycopy(data.toArray(), 0, both, old.length(), data.length());
      Contents.set(context, pipe.key(), Bytes.wrap(both));
    }
    context.put(Tables.INODES, pipe.withSize(pipe.size() + count));
  }

  /** Bytes are read; null if the log does not show which. */
  public static Bytes drain(CallContext context, Inode pipe, long count) {
    Bytes old = pipe.size() < 0 ? null : Contents.of(context.state(), pipe);
    if (old == null || old.length() < count) {
      Contents.drop(context, pipe.key());
      context.put(Tables.INODES, pipe.withSize(pipe.size() - count));
      return null;
    }
    Contents.set(context, pipe.key(), old.slice((int) count, old.length()));
    context.put(Tables.INODES, pipe.withSize(pipe.size() - count));
    return old.slice(0, (int) count);
  }
}

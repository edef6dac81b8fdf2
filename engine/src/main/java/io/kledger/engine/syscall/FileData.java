package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.OpenFlags;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Text;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;

/**
 * How many bytes move. Queues of sockets are in the ledger; of files it knows sizes and positions
 * in a simulation only, where nothing changes them unseen.
 */
final class FileData {
  /** Instead of an offset: the position of the description. */
  static final long CURRENT = -1;

  private static final Result UNKNOWN = new Result.Unknown("what data there is");

  private FileData() {}

  /**
   * What a read gives.
   *
   * @param fill the call with what was read
   */
  static Result read(
      CallContext context,
      OpenFileDescription file,
      Fd fd,
      long count,
      long offset,
      Function<Text, SpecificRecord> fill) {
    if (file.kind() == FileKind.SOCKET) {
      return ReceiveCalls.read(context, fd, count);
    }
    if (!context.simulated()) {
      return moved(context, file, offset, false);
    }
    Inode inode = context.state().inodes.get(file.inode());
    if (inode == null || !inode.regular()) {
      return inode == null ? UNKNOWN : device(inode, count, false);
    }
    long from = offset == CURRENT ? file.position() : offset;
    long bytes = Math.max(0, Math.min(count, inode.size() - from));
    if (offset == CURRENT && bytes > 0) {
      context.emit(new FdChange.DescriptionChanged(file.withPosition(from + bytes)));
    }
    Bytes content = Contents.of(context.state(), inode);
    return content == null || bytes == 0 && from > content.length()
        ? Result.value(bytes)
        : Result.value(
            bytes,
            fill.apply(
                new Text(content.slice((int) from, (int) (from + bytes)).toBuffer(), false, null)));
  }

  static Result write(
      CallContext context,
      OpenFileDescription file,
      Fd fd,
      Object data,
      long count,
      long offset) {
    if (file.kind() == FileKind.SOCKET) {
      return SendCalls.write(context, fd, count);
    }
    return context.simulated()
        ? write(context, file, data, count, offset)
        : moved(context, file, offset, true);
  }

  /**
   * What a real kernel moved is not predicted, but moves the position of a regular file. Where a
   * write that appends has begun, only the size tells.
   */
  private static Result moved(
      CallContext context, OpenFileDescription file, long offset, boolean write) {
    Inode inode = context.state().inodes.get(file.inode());
    boolean other = inode != null && inode.typeKnown() && !inode.regular();
    if (offset != CURRENT || !context.assuming() || file.kind() != FileKind.PATH || other) {
      return UNKNOWN;
    }
    long bytes = context.observed().getValue();
    boolean append = write && (file.flags() & OpenFlags.APPEND) != 0;
    long size = inode == null ? -1 : inode.size();
    long from = append ? size : file.position();
    long to = from < 0 ? OpenFileDescription.POSITION_UNKNOWN : from + bytes;
    if (bytes > 0 && to != file.position()) {
      context.emit(new FdChange.DescriptionChanged(file.withPosition(to)));
    }
    if (bytes > 0 && write && size >= 0 && to > size) {
      context.put(Tables.INODES, inode.withSize(to));
    }
    return Result.value(bytes);
  }

  private static Result write(
      CallContext context, OpenFileDescription file, Object data, long count, long offset) {
    Inode inode = context.state().inodes.get(file.inode());
    if (inode == null || !inode.regular()) {
      return inode == null ? UNKNOWN : device(inode, count, true);
    }
    boolean append = (file.flags() & OpenFlags.APPEND) != 0;
    long from = append ? inode.size() : offset == CURRENT ? file.position() : offset;
    Contents.write(context, inode, from, shown(data, count));
    if (from + count > inode.size()) {
      context.put(Tables.INODES, inode.withSize(from + count));
    }
    if (offset == CURRENT && from + count != file.position()) {
      context.emit(new FdChange.DescriptionChanged(file.withPosition(from + count)));
    }
    return Result.value(count);
  }

  /** The bytes of a write, if all of them are shown. */
  private static Bytes shown(Object data, long count) {
    if (!(data instanceof Text text) || text.getCut() || text.getAddress() != null) {
      return null;
    }
    Bytes bytes = Bytes.of(text.getValue());
    return bytes.length() == count ? bytes : null;
  }

  /** /dev/null and /dev/zero. */
  private static Result device(Inode inode, long count, boolean write) {
    boolean memory = (inode.mode() & Inode.S_IFMT) == Inode.S_IFCHR && inode.rdevMajor() == 1;
    if (memory && inode.rdevMinor() == 3) {
      return Result.value(write ? count : 0);
    }
    return memory && inode.rdevMinor() == 5 ? Result.value(count) : UNKNOWN;
  }
}

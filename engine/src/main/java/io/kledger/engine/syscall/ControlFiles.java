package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.binfmt.Binfmt;
import io.kledger.engine.block.SysBlock;
import io.kledger.engine.cgroup.CgroupEvents;
import io.kledger.engine.cgroup.CgroupText;
import io.kledger.engine.cgroup.CgroupWrites;
import io.kledger.engine.file.FdInfo;
import io.kledger.engine.file.ProcComm;
import io.kledger.engine.file.ProcFdinfo;
import io.kledger.engine.ns.TimeNamespaces;
import io.kledger.engine.ns.UserMaps;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Pread64Call;
import io.kledger.event.avro.ReadCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.change.FdChange;
import io.kledger.kernel.file.FileKind;
import io.kledger.kernel.file.OpenFileDescription;

/** Reading and writing of files that are state, not data: those of cgroup2 and /proc. */
final class ControlFiles {
  private ControlFiles() {}

  /**
   * A write to a control file; null if the file is none.
   *
   * @param data null or cut where the trace does not show it
   * @param offset of pwrite(2), -1 for write(2)
   */
  static Result write(CallContext context, OpenFileDescription file, Object data, long offset) {
    if (file.kind() != FileKind.PATH || !file.place().known()) {
      return null;
    }
    if (!(data instanceof Text text) || text.getCut() || text.getAddress() != null) {
      return null;
    }
    Bytes bytes = Bytes.of(text.getValue());
    Result result = CgroupWrites.write(context, file, bytes);
    if (result == null) {
      result = Binfmt.write(context, file, bytes);
    }
    if (result == null) {
      // comm_write() leaves the position.
      Result comm = ProcComm.write(context, file, bytes);
      if (comm != null) {
        return comm;
      }
      Result time = TimeNamespaces.write(context, file, bytes);
      return time != null ? time : UserMaps.write(context, file, bytes, offset);
    }
    if (result instanceof Result.Done done && offset == FileData.CURRENT && file.position() >= 0) {
      // kernfs_fop_write_iter() moves the position, whatever the file makes of the text.
      context.emit(
          new FdChange.DescriptionChanged(file.withPosition(file.position() + done.value())));
    }
    return result;
  }

  /** A read of a control file; null if the file is none that the ledger can print. */
  static Result read(CallContext context, OpenFileDescription file, ReadCall call) {
    Object found = shown(context, file);
    if (!(found instanceof Bytes all)) {
      return (Result) found;
    }
    int from = (int) Math.min(file.position(), all.length());
    int to = (int) Math.min(all.length(), from + Math.max(0, call.getCount()));
    if (to > from) {
      context.emit(new FdChange.DescriptionChanged(file.withPosition(to)));
    }
    Text text = new Text(all.slice(from, to).toBuffer(), false, null);
    return Result.value(to - from, new ReadCall(call.getFd(), text, call.getCount()));
  }

  /** The same at an offset, which leaves the position. */
  static Result pread(CallContext context, OpenFileDescription file, Pread64Call call) {
    Object found = shown(context, file);
    if (!(found instanceof Bytes all)) {
      return (Result) found;
    }
    int from = Math.clamp(call.getOffset(), 0, all.length());
    int to = (int) Math.min(all.length(), from + Math.max(0, call.getCount()));
    Text text = new Text(all.slice(from, to).toBuffer(), false, null);
    return Result.value(to - from, Pread64Call.newBuilder(call).setData(text).build());
  }

  /** The whole text of a control file as {@link Bytes}; else a {@link Result}, or null if none. */
  private static Object shown(CallContext context, OpenFileDescription file) {
    if (file.kind() != FileKind.PATH || !file.place().known() || !context.simulated()) {
      return null;
    }
    CgroupText.Answer answer = CgroupText.read(context, file);
    if (answer == null) {
      Bytes misc = Binfmt.read(context, file);
      Bytes comm = misc == null ? ProcComm.read(context, file) : misc;
      comm = comm == null ? FdInfo.read(context, file) : comm;
      comm = comm == null ? ProcFdinfo.read(context, file) : comm;
      comm = comm == null ? TimeNamespaces.read(context, file) : comm;
      comm = comm == null ? UserMaps.read(context, file) : comm;
      comm = comm == null ? SysBlock.backingFile(context.state(), file) : comm;
      if (comm == null) {
        return null;
      }
      answer = new CgroupText.Answer(comm, 0);
    }
    if (answer.errno() != 0) {
      return context.fail(answer.errno(), "C9 reading a control file");
    }
    CgroupEvents.read(context, file);
    return answer.text();
  }
}

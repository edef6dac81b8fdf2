package io.kledger.engine.syscall;

import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.PathWalk;
import io.kledger.event.avro.FgetxattrCall;
import io.kledger.event.avro.FlistxattrCall;
import io.kledger.event.avro.FremovexattrCall;
import io.kledger.event.avro.FsetxattrCall;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.GetxattrCall;
import io.kledger.event.avro.LgetxattrCall;
import io.kledger.event.avro.ListxattrCall;
import io.kledger.event.avro.LlistxattrCall;
import io.kledger.event.avro.LremovexattrCall;
import io.kledger.event.avro.LsetxattrCall;
import io.kledger.event.avro.RemovexattrCall;
import io.kledger.event.avro.SetxattrCall;
import io.kledger.event.avro.Text;

/** Extended attributes: whether the file is there. Names and values are not in the ledger. */
public final class XattrCalls {
  private static final String MISSING = "names and values";
  private static final Result ATTRIBUTES = new Result.Unknown("extended attributes");

  private XattrCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    table
        .partial(SetxattrCall.class, MISSING, (c, call) -> at(c, call.getPath(), true))
        .partial(LsetxattrCall.class, MISSING, (c, call) -> at(c, call.getPath(), false))
        .partial(FsetxattrCall.class, MISSING, (c, call) -> on(c, call.getFd()))
        .partial(GetxattrCall.class, MISSING, (c, call) -> at(c, call.getPath(), true))
        .partial(LgetxattrCall.class, MISSING, (c, call) -> at(c, call.getPath(), false))
        .partial(FgetxattrCall.class, MISSING, (c, call) -> on(c, call.getFd()))
        .partial(ListxattrCall.class, MISSING, (c, call) -> at(c, call.getPath(), true))
        .partial(LlistxattrCall.class, MISSING, (c, call) -> at(c, call.getPath(), false))
        .partial(FlistxattrCall.class, MISSING, (c, call) -> on(c, call.getFd()))
        .partial(RemovexattrCall.class, MISSING, (c, call) -> at(c, call.getPath(), true))
        .partial(LremovexattrCall.class, MISSING, (c, call) -> at(c, call.getPath(), false))
        .partial(FremovexattrCall.class, MISSING, (c, call) -> on(c, call.getFd()));
  }

  private static Result at(CallContext context, Text path, boolean follow) {
    PathWalk.Walk walk =
        PathWalk.walk(context, null, path, follow ? PathWalk.FOLLOW : 0);
    return walk instanceof PathWalk.Found ? ATTRIBUTES : Walks.failure(context, walk);
  }

  private static Result on(CallContext context, Fd fd) {
    FdTables.Lookup found = FdTables.getFile(context, fd);
    return found instanceof Open ? ATTRIBUTES : FdTables.failure(context, found);
  }
}

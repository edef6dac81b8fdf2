package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.PathWalk;

/** Turns walks that found nothing into results. */
final class Walks {
  private Walks() {}

  /** What a call returns whose path did not lead to anything. */
  static Result failure(CallContext context, PathWalk.Walk walk) {
    return switch (walk) {
      case PathWalk.Found found -> throw new IllegalArgumentException("the walk found something");
      case PathWalk.Missing missing -> context.fail(Errno.ENOENT, "C4 no such name");
      case PathWalk.Refused refused -> context.fail(refused.errno(), refused.rule());
      case PathWalk.Unknown unknown -> new Result.Unknown(unknown.reason());
    };
  }
}

package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.NamespaceFiles;
import io.kledger.kernel.file.Place;

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

  /** Where a walk ended; files of nsfs that were reached by a magic link have a place, too. */
  static Place place(CallContext context, PathWalk.Found found) {
    return !found.place().known() && found.namespace() != 0
        ? NamespaceFiles.place(context, found.namespace())
        : found.place();
  }
}

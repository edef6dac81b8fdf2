package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.SyscallTable;
import io.kledger.engine.file.FdTables;
import io.kledger.engine.file.FdTables.Open;
import io.kledger.engine.file.Overlay;
import io.kledger.engine.file.OverlayUpper;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.watch.Events;
import io.kledger.engine.xattr.Xattrs;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.FgetxattrCall;
import io.kledger.event.avro.FlistxattrCall;
import io.kledger.event.avro.FremovexattrCall;
import io.kledger.event.avro.FsetxattrCall;
import io.kledger.event.avro.GetxattrCall;
import io.kledger.event.avro.LgetxattrCall;
import io.kledger.event.avro.ListxattrCall;
import io.kledger.event.avro.LlistxattrCall;
import io.kledger.event.avro.LremovexattrCall;
import io.kledger.event.avro.LsetxattrCall;
import io.kledger.event.avro.RemovexattrCall;
import io.kledger.event.avro.SetxattrCall;
import io.kledger.event.avro.Text;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.file.Socket;
import io.kledger.kernel.file.Xattr;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;

/** Extended attributes: the calls of fs/xattr.c. */
public final class XattrCalls {
  private static final Bytes PROTOCOL = Bytes.of("system.sockprotoname");
  private static final String MISSING = "attributes that files had before the trace";

  /** XATTR_SIZE_MAX, in bytes. */
  private static final long LARGEST = 65536;

  private XattrCalls() {}

  /** Adds the calls of this family. */
  public static void register(SyscallTable.Builder table) {
    setters(table);
    getters(table);
    table
        .partial(
            ListxattrCall.class,
            MISSING,
            (c, call) ->
                at(c, call.getPath(), true, file -> list(c, file, call.getSize()))
                    .fill(t -> ListxattrCall.newBuilder(call).setNames(t).build()))
        .partial(
            LlistxattrCall.class,
            MISSING,
            (c, call) ->
                at(c, call.getPath(), false, file -> list(c, file, call.getSize()))
                    .fill(t -> LlistxattrCall.newBuilder(call).setNames(t).build()))
        .partial(
            FlistxattrCall.class,
            MISSING,
            (c, call) ->
                on(c, call.getFd(), file -> list(c, file, call.getSize()))
                    .fill(t -> FlistxattrCall.newBuilder(call).setNames(t).build()))
        .partial(
            RemovexattrCall.class,
            MISSING,
            (c, call) ->
                named(c, call.getName(), n -> at(c, call.getPath(), true, f -> remove(c, f, n)))
                    .result())
        .partial(
            LremovexattrCall.class,
            MISSING,
            (c, call) ->
                named(c, call.getName(), n -> at(c, call.getPath(), false, f -> remove(c, f, n)))
                    .result())
        .partial(
            FremovexattrCall.class,
            MISSING,
            (c, call) ->
                named(c, call.getName(), n -> on(c, call.getFd(), f -> remove(c, f, n))).result());
  }

  private static void setters(SyscallTable.Builder table) {
    table
        .partial(
            SetxattrCall.class,
            MISSING,
            (c, call) -> {
              New set = new New(call.getName(), call.getValue(), call.getSize(), call.getFlags());
              return valid(c, set, n -> at(c, call.getPath(), true, f -> set(c, f, n, set)));
            })
        .partial(
            LsetxattrCall.class,
            MISSING,
            (c, call) -> {
              New set = new New(call.getName(), call.getValue(), call.getSize(), call.getFlags());
              return valid(c, set, n -> at(c, call.getPath(), false, f -> set(c, f, n, set)));
            })
        .partial(
            FsetxattrCall.class,
            MISSING,
            (c, call) -> {
              New set = new New(call.getName(), call.getValue(), call.getSize(), call.getFlags());
              return valid(c, set, n -> on(c, call.getFd(), f -> set(c, f, n, set)));
            });
  }

  private static void getters(SyscallTable.Builder table) {
    table
        .partial(
            GetxattrCall.class,
            MISSING,
            (c, call) ->
                named(
                        c,
                        call.getName(),
                        n -> at(c, call.getPath(), true, f -> get(c, f, n, call.getSize())))
                    .fill(t -> GetxattrCall.newBuilder(call).setValue(t).build()))
        .partial(
            LgetxattrCall.class,
            MISSING,
            (c, call) ->
                named(
                        c,
                        call.getName(),
                        n -> at(c, call.getPath(), false, f -> get(c, f, n, call.getSize())))
                    .fill(t -> LgetxattrCall.newBuilder(call).setValue(t).build()))
        .partial(
            FgetxattrCall.class,
            MISSING,
            (c, call) ->
                named(
                        c,
                        call.getName(),
                        n -> on(c, call.getFd(), f -> get(c, f, n, call.getSize())))
                    .fill(t -> FgetxattrCall.newBuilder(call).setValue(t).build()));
  }

  /** What setxattr(2) is to set. */
  private record New(Text name, Object value, long size, long flags) {}

  /** The file of a call. */
  private record Target(Place place, Inode inode) {}

  /** A result, and the text of the out-parameter; null if there is none. */
  private record Outcome(Result result, Text text) {
    static Outcome of(Result result) {
      return new Outcome(result, null);
    }

    Result fill(Function<Text, SpecificRecord> with) {
      return text == null ? result : Result.value(((Result.Done) result).value(), with.apply(text));
    }
  }

  /** setxattr_copy(): flags, name and size are looked at before the file. */
  private static Result valid(CallContext context, New set, Function<Bytes, Outcome> then) {
    if ((set.flags & ~(Xattrs.CREATE | Xattrs.REPLACE)) != 0 && context.refuse("F46 flags")) {
      return context.fail(Errno.EINVAL, "F46 flags");
    }
    return named(
            context,
            set.name,
            name ->
                Long.compareUnsigned(set.size, LARGEST) > 0 && context.refuse("F46 size")
                    ? Outcome.of(context.fail(Errno.E2BIG, "F46 size"))
                    : then.apply(name))
        .result();
  }

  /** import_xattr_name(). */
  private static Outcome named(CallContext context, Text name, Function<Bytes, Outcome> then) {
    if (name == null || name.getAddress() != null || name.getCut()) {
      return Outcome.of(new Result.Unknown("the trace does not show the name"));
    }
    Bytes bytes = Bytes.of(name.getValue());
    boolean wrong = bytes.isEmpty() || bytes.length() > 255;
    return wrong && context.refuse("F46 name")
        ? Outcome.of(context.fail(Errno.ERANGE, "F46 name"))
        : then.apply(bytes);
  }

  private static Outcome at(
      CallContext context, Text path, boolean follow, Function<Target, Outcome> then) {
    PathWalk.Walk walk = PathWalk.walk(context, null, path, follow ? PathWalk.FOLLOW : 0);
    if (!(walk instanceof PathWalk.Found found)) {
      return Outcome.of(Walks.failure(context, walk));
    }
    var file = context.state().descriptions.get(found.description());
    Inode inode =
        found.place().known()
            ? Names.inode(context.state(), found.place())
            : file == null ? null : context.state().inodes.get(file.inode());
    return inode == null
        ? Outcome.of(unknown(context))
        : then.apply(new Target(found.place(), inode));
  }

  private static Outcome on(CallContext context, Fd fd, Function<Target, Outcome> then) {
    FdTables.Lookup found = FdTables.getFile(context, fd);
    if (!(found instanceof Open open)) {
      return Outcome.of(FdTables.failure(context, found));
    }
    Inode inode = context.state().inodes.get(open.description().inode());
    return inode == null
        ? Outcome.of(unknown(context))
        : then.apply(new Target(open.description().place(), inode));
  }

  private static Result unknown(CallContext context) {
    return context.assuming()
        ? Result.value(context.observedOr(0))
        : new Result.Unknown("attributes of a file that the ledger does not know");
  }

  private static Outcome set(CallContext context, Target file, Bytes name, New set) {
    if (readOnly(context, file)) {
      return Outcome.of(context.fail(Errno.EROFS, "read-only filesystem"));
    }
    boolean shown =
        set.value == null
            || set.value instanceof Text text && !text.getCut() && text.getAddress() == null;
    if (!shown) {
      return Outcome.of(
          context.assuming() ? Result.ZERO : new Result.Unknown("the trace cuts the value"));
    }
    Bytes value = set.value instanceof Text text ? Bytes.of(text.getValue()) : Bytes.EMPTY;
    if (Overlay.guarded(context.state(), file.place.dentry())) {
      return Outcome.of(context.fail(Errno.EPERM, "F42 immutable layer"));
    }
    Result result = Xattrs.set(context, file.place, file.inode, name, value, set.flags);
    if (result == Result.ZERO) {
      OverlayUpper.changed(context, file.inode.key());
    }
    changed(context, file, result);
    return Outcome.of(result);
  }

  private static Outcome remove(CallContext context, Target file, Bytes name) {
    if (readOnly(context, file)) {
      return Outcome.of(context.fail(Errno.EROFS, "read-only filesystem"));
    }
    if (Overlay.guarded(context.state(), file.place.dentry())) {
      return Outcome.of(context.fail(Errno.EPERM, "F42 immutable layer"));
    }
    Result result = Xattrs.remove(context, file.place, file.inode, name);
    if (result == Result.ZERO) {
      OverlayUpper.changed(context, file.inode.key());
    }
    changed(context, file, result);
    return Outcome.of(result);
  }

  private static boolean readOnly(CallContext context, Target file) {
    return Names.readOnly(context.state(), file.place) && context.refuse("read-only filesystem");
  }

  /** fsnotify_xattr(). */
  private static void changed(CallContext context, Target file, Result result) {
    if (result == Result.ZERO) {
      Events.of(context).attributes(file.place, file.inode);
    }
  }

  /** sockfs_xattr_get(): the name of the socket's protocol; null if the attribute is another. */
  private static Bytes protocol(CallContext context, Target file, Bytes name) {
    if (file.inode.superblock() != 0 || !name.equals(PROTOCOL)) {
      return null;
    }
    for (Socket socket : context.state().sockets.rows()) {
      if (socket.inode() == file.inode.key() && socket.family() == Socket.AF_UNIX) {
        return Bytes.of(socket.type() == Socket.STREAM ? "UNIX-STREAM\0" : "UNIX\0");
      }
    }
    return null;
  }

  private static Outcome get(CallContext context, Target file, Bytes name, long size) {
    Bytes protocol = protocol(context, file, name);
    if (protocol != null) {
      return filled(context, protocol, size);
    }
    return switch (Xattrs.get(context, file.place, file.inode, name)) {
      case Xattrs.Refused refused ->
          refused.result() instanceof Result.Unknown && context.assuming()
              ? Outcome.of(Result.value(context.observedOr(0)))
              : Outcome.of(refused.result());
      case Xattrs.Value value -> filled(context, value.value(), size);
    };
  }

  private static Outcome filled(CallContext context, Bytes value, long size) {
    if (size != 0 && value.length() > size && context.refuse("F46 buffer")) {
      return Outcome.of(context.fail(Errno.ERANGE, "F46 buffer"));
    }
    Text text = size == 0 || !context.simulated() ? null : new Text(value.toBuffer(), false, null);
    return new Outcome(Result.value(value.length()), text);
  }

  private static Outcome list(CallContext context, Target file, long size) {
    if (file.inode.inferred()) {
      return Outcome.of(unknown(context));
    }
    Bytes names = Bytes.EMPTY;
    Bytes end = Bytes.of("\0");
    boolean admin = Xattrs.seesTrusted(context);
    for (Xattr row : Xattrs.all(context.state(), file.inode.key())) {
      if (admin || !row.name().startsWith(Bytes.of("trusted."))) {
        names = names.plus(row.name()).plus(end);
      }
    }
    if (file.inode.superblock() == 0) {
      names = PROTOCOL.plus(end).plus(names);
    }
    return filled(context, names, size);
  }
}

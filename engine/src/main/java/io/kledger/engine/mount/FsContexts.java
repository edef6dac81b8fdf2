package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.PathWalk;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.FsContext;
import io.kledger.kernel.mount.FsContext.Phase;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.path.PathText;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Filesystem contexts: fs/fsopen.c and fs/fs_context.c. */
public final class FsContexts {
  private static final Bytes SOURCE = Bytes.of("source");
  private static final Bytes SUBDIR = Bytes.of("subdir");
  private static final Bytes COMMA = Bytes.of(",");
  private static final Bytes EQUALS = Bytes.of("=");

  private FsContexts() {}

  /** fs_context_for_mount(): a context to make a superblock with; null if there is no such type. */
  public static FsContext open(CallContext context, Bytes type) {
    boolean shown = !type.equals(NewMount.NOT_SHOWN);
    if (shown
        && FilesystemType.of(context, type) == null
        && context.refuse("C10 unknown filesystem type")) {
      return null;
    }
    FsContext made =
        new FsContext(
            context.newKey(),
            Phase.CREATE_PARAMS,
            type,
            null,
            Bytes.EMPTY,
            0,
            0,
            0,
            List.of(),
            List.of());
    context.put(Tables.FS_CONTEXTS, made);
    return made;
  }

  /**
   * Whether the ledger knows the filesystem types of this machine so well that others do not exist.
   */
  public static boolean unknownTypeIsCertain(CallContext context, Bytes type) {
    var machine = context.state().machine.get(1);
    return type.isEmpty() || machine != null && machine.model();
  }

  /** fs_context_for_reconfigure(): a context to change a superblock with. */
  public static FsContext pick(CallContext context, Superblock superblock) {
    FsContext made =
        new FsContext(
            context.newKey(),
            Phase.RECONF_PARAMS,
            superblock.type(),
            null,
            Bytes.EMPTY,
            0,
            0,
            superblock.key(),
            List.of(),
            List.of());
    context.put(Tables.FS_CONTEXTS, made);
    return made;
  }

  /** finish_clean_context(): after mounting, the first use begins a reconfiguration. */
  public static FsContext finishClean(FsContext fc) {
    return fc.phase() == Phase.AWAITING_RECONF ? fc.withPhase(Phase.RECONF_PARAMS) : fc;
  }

  /** vfs_parse_fs_param(): one parameter; {@code value} null for a flag. */
  public static Result parameter(CallContext context, FsContext fc, Bytes key, Bytes value) {
    if (key.isEmpty() && context.refuse("C10 unnamed parameter")) {
      return context.fail(Errno.EINVAL, "C10 unnamed parameter");
    }
    boolean open = fc.phase() == Phase.CREATE_PARAMS || fc.phase() == Phase.RECONF_PARAMS;
    if (!open && context.refuse("C10 phase")) {
      return context.fail(Errno.EBUSY, "C10 phase");
    }
    FsContext flagged = superblockFlag(fc, key.latin1());
    if (flagged != null) {
      context.put(Tables.FS_CONTEXTS, flagged);
      return Result.ZERO;
    }
    Bytes option = value == null ? key : key.plus(EQUALS).plus(value);
    Bytes base = base(fc.type());
    if (key.equals(SOURCE)) {
      return source(context, fc, value);
    }
    Result early = ContextDevice.earlyOpen(context, fc, key, value);
    if (early != null) {
      return early;
    }
    if (key.equals(SUBDIR) && Subdir.known(context) && value != null) {
      boolean wrong =
          value.isEmpty()
              || fc.phase() != Phase.CREATE_PARAMS
              || Subdir.split(context, fc.options()).path() != null;
      return wrong && context.refuse("F01.1 subdir")
          ? invalid(context, fc, "Bad value for 'subdir'")
          : added(context, fc, option);
    }
    if (base.equals(OverlayOptions.TYPE) && context.simulated()) {
      return overlay(context, fc, key, value);
    }
    if (DeviceOptions.wrong(context, base, option) != null && context.refuse("C10 parameter")) {
      boolean unknown = DeviceOptions.wrong(context, base, key) != null && value != null;
      return invalid(
          context,
          fc,
          (unknown || value == null ? "Unknown parameter '" : "Bad value for '")
              + key.latin1()
              + "'");
    }
    if (FilesystemOptions.wrong(base, option) != null && context.refuse("C10 parameter")) {
      boolean unknown = FilesystemOptions.wrong(base, key.plus(EQUALS).plus(Bytes.of("0"))) != null;
      String text =
          unknown
              ? "Unknown parameter '" + key.latin1() + "'"
              : "Bad value for '" + key.latin1() + "'";
      return invalid(context, fc, text);
    }
    if (!FilesystemOptions.checked(base) && !context.assuming() && !context.simulated()) {
      return new Result.Unknown("parameters of " + fc.type());
    }
    return added(context, fc, option);
  }

  /** ovl_parse_param(): a layer is looked up when it is named. */
  private static Result overlay(CallContext context, FsContext fc, Bytes key, Bytes value) {
    if (!OverlayMounts.option(context, key.latin1())) {
      return invalid(context, fc, "Unknown parameter '" + key.latin1() + "'");
    }
    if (fc.phase() == Phase.RECONF_PARAMS) {
      return invalid(context, fc, "No changes allowed in reconfigure");
    }
    Bytes option = value == null ? key : key.plus(EQUALS).plus(value);
    if (!OverlayMounts.layer(key.latin1())) {
      return added(context, fc, option);
    }
    if (value == null || value.isEmpty()) {
      return invalid(context, fc, "Bad value for '" + key.latin1() + "'");
    }
    PathWalk.Walk walk =
        PathWalk.walk(context, null, new Text(value.toBuffer(), false, null), PathWalk.FOLLOW);
    return switch (walk) {
      case PathWalk.Found found ->
          directory(context, fc, key, OverlayOptions.escaped(value), found.place());
      case PathWalk.Missing missing -> context.fail(Errno.ENOENT, "F58 layer is missing");
      case PathWalk.Refused refused -> context.fail(refused.errno(), refused.rule());
      case PathWalk.Unknown unknown -> new Result.Unknown(unknown.reason());
    };
  }

  /** A parameter that is an open file: a layer of an overlay (fs_param_is_file_or_string). */
  public static Result file(CallContext context, FsContext fc, Bytes key, Place place) {
    boolean open = fc.phase() == Phase.CREATE_PARAMS || fc.phase() == Phase.RECONF_PARAMS;
    if (!open) {
      return context.fail(Errno.EBUSY, "C10 phase");
    }
    String name = key.latin1();
    if (!base(fc.type()).equals(OverlayOptions.TYPE) || !OverlayMounts.option(context, name)) {
      return invalid(context, fc, "Unknown parameter '" + name + "'");
    }
    if (!OverlayMounts.layer(name)) {
      return invalid(context, fc, "Bad value for '" + name + "'");
    }
    if (fc.phase() == Phase.RECONF_PARAMS) {
      return invalid(context, fc, "No changes allowed in reconfigure");
    }
    Bytes shown = PathText.names(context.state(), place, PathWalk.root(context));
    return directory(context, fc, key, OverlayOptions.escaped(shown), place);
  }

  private static Result directory(
      CallContext context, FsContext fc, Bytes key, Bytes value, Place place) {
    KernelState state = context.state();
    Dentry dentry = state.dentries.get(place.dentry());
    Inode inode = dentry == null ? null : state.inodes.get(dentry.inode());
    if (inode == null || !inode.directory()) {
      return invalid(context, fc, value.latin1() + " is not a directory");
    }
    context.put(Tables.FS_CONTEXTS, fc.withLayer(place));
    FsContext named = state.fsContexts.require(fc.key());
    return added(context, named, key.plus(EQUALS).plus(value));
  }

  private static Result added(CallContext context, FsContext fc, Bytes option) {
    Bytes options = fc.options().isEmpty() ? option : fc.options().plus(COMMA).plus(option);
    context.put(Tables.FS_CONTEXTS, fc.withOptions(options));
    return Result.ZERO;
  }

  private static Result source(CallContext context, FsContext fc, Bytes value) {
    if (value == null && context.refuse("C10 source")) {
      return invalid(context, fc, "Non-string source");
    }
    if (fc.source() != null && context.refuse("C10 second source")) {
      return invalid(context, fc, "Multiple sources");
    }
    Result opened = ContextDevice.source(context, fc, value);
    if (opened != null) {
      return opened;
    }
    context.put(Tables.FS_CONTEXTS, fc.withSource(value));
    return Result.ZERO;
  }

  /** invalf(): EINVAL with a message in the log, `e TYPE: TEXT`. */
  private static Result invalid(CallContext context, FsContext fc, String text) {
    List<Bytes> log = new ArrayList<>(fc.log());
    log.add(Bytes.of("e " + fc.type().latin1() + ": " + text + "\n"));
    context.put(Tables.FS_CONTEXTS, fc.withLog(log));
    return context.fail(Errno.EINVAL, text);
  }

  /** vfs_parse_sb_flag(): null if the key is not one. */
  private static FsContext superblockFlag(FsContext fc, String key) {
    long set =
        switch (key) {
          case "ro" -> MountFlags.RDONLY;
          case "sync" -> MountFlags.SYNCHRONOUS;
          case "dirsync" -> MountFlags.DIRSYNC;
          case "mand" -> MountFlags.MANDLOCK;
          case "lazytime" -> MountFlags.LAZYTIME;
          default -> 0;
        };
    long clear =
        switch (key) {
          case "rw" -> MountFlags.RDONLY;
          case "async" -> MountFlags.SYNCHRONOUS;
          case "nomand" -> MountFlags.MANDLOCK;
          case "nolazytime" -> MountFlags.LAZYTIME;
          default -> 0;
        };
    return set + clear == 0
        ? null
        : fc.withFlags(fc.flags() & ~clear | set, fc.flagsMask() | set | clear);
  }

  /** vfs_cmd_create(). */
  public static Result create(CallContext context, FsContext fc, boolean exclusive) {
    if (fc.phase() != Phase.CREATE_PARAMS && context.refuse("C10 phase")) {
      return context.fail(Errno.EBUSY, "C10 phase");
    }
    Text source =
        fc.source() == null
            ? null
            : Text.newBuilder().setValue(ByteBuffer.wrap(fc.source().toArray())).build();
    int mark = context.mark();
    Subdir.Split split = Subdir.split(context, fc.options());
    NewMount.Found found =
        NewMount.superblock(
            context,
            fc.type(),
            source,
            fc.flags(),
            split.data(),
            new NewMount.Prepared(ContextDevice.of(context.state(), fc), fc.layers()));
    if (found instanceof NewMount.Ready ready && split.path() != null) {
      long root = Subdir.resolve(context, ready.superblock(), split.path());
      if (root < 0) {
        MountIds.rollback(context, mark);
        found = new NewMount.Not(context.fail((int) -root, "F01.3 subdir"));
      }
    }
    return switch (found) {
      case NewMount.Not not -> {
        boolean capable = !(not.result() instanceof Result.Failed f) || f.errno() != Errno.EPERM;
        context.put(Tables.FS_CONTEXTS, capable ? fc.withPhase(Phase.FAILED) : fc);
        yield not.result();
      }
      case NewMount.Ready ready -> {
        if (exclusive && shared(context, fc, ready) && context.refuse("C10 CREATE_EXCL")) {
          context.put(Tables.FS_CONTEXTS, fc.withPhase(Phase.FAILED));
          yield context.fail(Errno.EBUSY, "C10 CREATE_EXCL");
        }
        context.put(
            Tables.FS_CONTEXTS,
            fc.withSuperblock(ready.superblock().key()).withPhase(Phase.AWAITING_MOUNT));
        ContextDevice.handedOver(context, fc);
        yield Result.ZERO;
      }
    };
  }

  /** Whether the superblock was there before, if only for the kernel's own mount. */
  private static boolean shared(CallContext context, FsContext fc, NewMount.Ready ready) {
    FilesystemType type = FilesystemType.of(context, fc.type());
    return ready.existing() || type != null && type.internal();
  }

  /** vfs_cmd_reconfigure(). */
  public static Result reconfigure(CallContext context, FsContext fc) {
    if (fc.phase() != Phase.RECONF_PARAMS && context.refuse("C10 phase")) {
      return context.fail(Errno.EBUSY, "C10 phase");
    }
    KernelState state = context.state();
    Superblock superblock = state.superblocks.get(fc.superblock());
    if (superblock == null) {
      return new Result.Unknown("what superblock the context is of");
    }
    if (!Superblocks.administers(context, superblock)
        && context.refuse("C10 CAP_SYS_ADMIN over the superblock")) {
      context.put(Tables.FS_CONTEXTS, fc.withPhase(Phase.FAILED));
      return context.fail(Errno.EPERM, "C10 CAP_SYS_ADMIN over the superblock");
    }
    long word = superblock.flags() & ~fc.flagsMask() | fc.flags() & fc.flagsMask();
    if ((word & MountFlags.RDONLY) == 0
        && DeviceMounts.refusesWrites(state, superblock)
        && context.refuse("F16.4 read-only device")) {
      context.put(Tables.FS_CONTEXTS, fc.withPhase(Phase.FAILED));
      return context.fail(Errno.EACCES, "F16.4 read-only device");
    }
    boolean toReadOnly =
        (word & MountFlags.RDONLY) != 0 && (superblock.flags() & MountFlags.RDONLY) == 0;
    if (toReadOnly
        && Checks.superblockHasWriters(state, superblock)
        && context.refuse("C9.5 writers of the superblock")) {
      context.put(Tables.FS_CONTEXTS, fc.withPhase(Phase.FAILED));
      return context.fail(Errno.EBUSY, "C9.5 writers of the superblock");
    }
    Result small = Reconfiguring.tooSmall(context, superblock, fc.options());
    if (small != null) {
      context.put(Tables.FS_CONTEXTS, fc.withPhase(Phase.FAILED));
      return small;
    }
    Reconfiguring.superblock(context, superblock, word, fc.options());
    context.put(Tables.FS_CONTEXTS, fc.cleaned());
    return Result.ZERO;
  }

  /** fsmount(2) behind its checks: a mount in a namespace of its own. */
  public static DetachedTrees.Detached mount(CallContext context, FsContext fc, long flags) {
    Superblock superblock = context.state().superblocks.require(fc.superblock());
    Bytes subdir = Subdir.split(context, fc.options()).path();
    long root = subdir == null ? 0 : Math.max(0, Subdir.resolve(context, superblock, subdir));
    Mount mount =
        NewMount.fresh(context, superblock, root, fc.source(), flags, MountCause.Kind.DETACHED);
    long namespace = MountNamespaces.anonymous(context, mount.key());
    context.put(Tables.FS_CONTEXTS, fc.cleaned());
    return new DetachedTrees.Detached(mount.key(), namespace, null);
  }

  /** The last descriptor of a context was closed (put_fs_context()). */
  public static void release(CallContext context, long key) {
    FsContext fc = context.state().fsContexts.get(key);
    if (fc != null) {
      context.remove(Tables.FS_CONTEXTS, key);
      ContextDevice.handedOver(context, fc);
      Superblocks.releaseIfUnused(context, fc.superblock());
    }
  }

  private static Bytes base(Bytes type) {
    int dot = type.indexOf('.', 0);
    return dot < 0 ? type : type.slice(0, dot);
  }

  /** Whether a context of this type can be had by the caller. */
  public static boolean opens(CallContext context, Bytes type) {
    return FilesystemType.opens(context, type);
  }
}

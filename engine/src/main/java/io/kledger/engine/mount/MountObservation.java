package io.kledger.engine.mount;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.ns.NamespaceRows;
import io.kledger.event.Bytes;
import io.kledger.event.avro.MountsObserved;
import io.kledger.kernel.CounterId;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.store.LongMap;
import java.util.ArrayList;
import java.util.List;

/** The mounts of a namespace as somebody's /proc/PID/mountinfo showed them. */
public final class MountObservation {
  private static final Bytes SLASH = Bytes.of("/");
  private static final Bytes DELETED = Bytes.of("//deleted");

  private final CallContext context;
  private final KernelState state;

  /** By id plus one: an id may be 0, a key may not. */
  private final LongMap<Long> keys = new LongMap<>();

  private final LongMap<Long> uniqueIds = new LongMap<>();

  private MountObservation(CallContext context) {
    this.context = context;
    this.state = context.state();
  }

  /** Adds what the lines show and the state does not hold yet. */
  public static void observed(CallContext context, MountsObserved observed) {
    new MountObservation(context).observe(observed);
  }

  private void observe(MountsObserved observed) {
    Namespace namespace =
        NamespaceRows.seen(context, NamespaceKind.MOUNT, observed.getNamespace(), 0);
    List<MountLine> lines = new ArrayList<>();
    for (var text : observed.getLines()) {
      MountLine line = MountLine.parse(Bytes.of(text));
      if (line != null) {
        lines.add(line);
      }
    }
    List<MountLine> todo = new ArrayList<>(lines);
    todo.removeIf(line -> known(namespace.key(), line));
    // Lines are in the order of creation; a parent may be younger than its child.
    for (MountLine line : todo) {
      keys.put(line.id() + 1L, context.newKey());
      uniqueIds.put(line.id() + 1L, MountIds.unique(context));
    }
    if (namespace.root() != 0) {
      todo.removeIf(line -> NamespaceRoot.adopt(context, namespace.key(), line) != null);
    } else {
      LongMap<MountLine> shown = new LongMap<>();
      lines.forEach(line -> shown.put(line.id() + 1L, line));
      todo.removeIf(
          line ->
              isTop(line, shown)
                  && add(
                      namespace.key(), line, NamespaceRoot.hidden(context, namespace.key(), line)));
    }
    boolean progress = true;
    while (!todo.isEmpty() && progress) {
      progress = todo.removeIf(line -> child(namespace.key(), line));
    }
    for (MountLine line : lines) {
      link(line);
    }
  }

  /** Whether the line's parent is not among those shown, by id plus one. */
  private static boolean isTop(MountLine line, LongMap<MountLine> shown) {
    return line.id() == line.parent() || !shown.contains(line.parent() + 1L);
  }

  private boolean known(long namespace, MountLine line) {
    for (long key : state.mountsById.keys(line.id())) {
      if (state.mounts.require(key).namespace() == namespace) {
        return true;
      }
    }
    return false;
  }

  private boolean child(long namespace, MountLine line) {
    for (long key : state.mountsById.keys(line.parent())) {
      Mount parent = state.mounts.require(key);
      if (parent.namespace() == namespace) {
        return add(namespace, line, parent);
      }
    }
    return false;
  }

  private boolean add(long namespace, MountLine line, Mount parent) {
    Superblock superblock = superblock(line);
    long file = NamespaceFiles.observed(context, superblock, line.root());
    long root = file != 0 ? file : dentry(superblock.root(), line.root());
    Mount mount =
        new Mount(
            keys.get(line.id() + 1L),
            line.id(),
            uniqueIds.get(line.id() + 1L),
            namespace,
            parent.key(),
            mountpoint(parent, line),
            context.next(CounterId.ORDER),
            root,
            superblock.key(),
            line.source(),
            line.flags(),
            0,
            false,
            0,
            0,
            0,
            0,
            0,
            line.unbindable(),
            0,
            false,
            new MountCause(MountCause.Kind.OBSERVED, 0, context.position()));
    context.emit(new MountChange.Created(mount));
    return true;
  }

  private Superblock superblock(MountLine line) {
    Superblock known = Superblocks.byDevice(state, line.major(), line.minor());
    if (known != null) {
      return known;
    }
    int dot = line.type().indexOf('.', 0);
    Bytes type = dot < 0 ? line.type() : line.type().slice(0, dot);
    Bytes subtype = dot < 0 ? Bytes.EMPTY : line.type().slice(dot + 1, line.type().length());
    return Superblocks.create(
        context,
        line.major(),
        line.minor(),
        type,
        subtype,
        line.superFlags(),
        new FilesystemOptions.Shown(line.superOptions(), true),
        0,
        0,
        0755,
        false);
  }

  /** The dentry of the parent's filesystem that a mount point names. */
  private long mountpoint(Mount parent, MountLine line) {
    if (parent.parent() == 0 || line.place().equals(SLASH)) {
      return parent.root();
    }
    Bytes above = place(parent);
    Bytes rest =
        above.equals(SLASH)
            ? line.place()
            : line.place().startsWith(above)
                ? line.place().slice(above.length(), line.place().length())
                : line.place();
    return dentry(parent.root(), rest);
  }

  private Bytes place(Mount mount) {
    return io.kledger.kernel.path.PathText.names(
        state, new io.kledger.kernel.file.Place(mount.key(), mount.root()), topPlace(mount));
  }

  private io.kledger.kernel.file.Place topPlace(Mount mount) {
    Mount at = mount;
    while (at.parent() != 0 && state.mounts.require(at.parent()).parent() != 0) {
      at = state.mounts.require(at.parent());
    }
    return new io.kledger.kernel.file.Place(at.key(), at.root());
  }

  private long dentry(long from, Bytes path) {
    boolean deleted = path.endsWith(DELETED);
    Bytes text = deleted ? path.slice(0, path.length() - DELETED.length()) : path;
    long at = from;
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('/', start);
      end = end < 0 ? text.length() : end;
      if (end > start) {
        Bytes name = text.slice(start, end);
        Dentry child = state.child(at, name);
        boolean last = end == text.length();
        at =
            child != null && child.inode() != 0
                ? child.key()
                : Dcache.inferChild(context, at, name, last ? 0 : Inode.S_IFDIR).key();
      }
      start = end + 1;
    }
    if (deleted) {
      Dcache.unlink(context, state.dentries.require(at));
    }
    return at;
  }

  /** Peer groups and masters, once all mounts of the view are there. */
  private void link(MountLine line) {
    if (line.shared() == 0 && line.master() == 0) {
      return;
    }
    for (long key : state.mountsById.keys(line.id())) {
      Mount mount = state.mounts.require(key);
      if (line.shared() != 0 && !mount.shared()) {
        Mount peer = state.mountsByPeerGroup.last(line.shared());
        mount =
            peer == null
                ? alone(mount, line.shared())
                : PeerGroups.insertBehind(context, mount, peer.key());
      }
      if (line.master() != 0 && !mount.slave()) {
        Mount master = state.mountsByPeerGroup.first(line.master());
        long masterKey = master == null ? unseenMaster(mount, line.master()) : master.key();
        PeerGroups.enslaveLast(context, state.mounts.require(key), masterKey);
      }
    }
  }

  private Mount alone(Mount mount, int group) {
    Mount founded = mount.withPeers(group, mount.key(), mount.key());
    context.emit(new MountChange.Changed(founded));
    return founded;
  }

  /** A master that no view shows: a mount in a namespace that the log knows nothing of. */
  private long unseenMaster(Mount slave, int group) {
    long key = context.newKey();
    Mount master =
        new Mount(
            key,
            MountIds.mount(context),
            MountIds.unique(context),
            0,
            0,
            0,
            0,
            slave.root(),
            slave.superblock(),
            slave.source(),
            slave.flags(),
            0,
            false,
            group,
            key,
            key,
            0,
            0,
            false,
            0,
            false,
            new MountCause(MountCause.Kind.INFERRED, 0, context.position()));
    context.emit(new MountChange.Created(master));
    return key;
  }
}

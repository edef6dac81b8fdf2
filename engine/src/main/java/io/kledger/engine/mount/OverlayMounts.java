package io.kledger.engine.mount;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.Idmapped;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.ns.Capability;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.change.MountChange;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.MountCause;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.overlay.OverlayEntry;
import io.kledger.kernel.overlay.OverlayEntry.Lower;
import io.kledger.kernel.overlay.OverlayLayer;
import io.kledger.kernel.task.Credentials;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Layers of a new overlay of the model machine: ovl_fill_super(), ovl_get_layers(). */
final class OverlayMounts {
  private static final List<String> KNOWN =
      List.of(
          "lowerdir",
          "lowerdir+",
          "datadir+",
          "upperdir",
          "workdir",
          "default_permissions",
          "redirect_dir",
          "index",
          "uuid",
          "nfs_export",
          "userxattr",
          "xino",
          "metacopy",
          "verity",
          "volatile",
          "override_creds",
          "nooverride_creds");

  private static final int MAX_DEPTH = 2;

  private OverlayMounts() {}

  /** A layer that was asked for. */
  private record Asked(Bytes path, boolean data, boolean immutable, Place place) {
    Asked at(Place found) {
      return new Asked(path, data, immutable, found);
    }
  }

  /** What an overlay is to be made of, or why there can be none. */
  record Plan(List<Asked> lowers, Asked upper, Asked work, Result refused) {}

  /** Reads the options and finds the layers. */
  static Plan plan(CallContext context, Bytes data, List<Place> places) {
    Iterator<Place> known = places.iterator();
    List<Asked> lowers = new ArrayList<>();
    Asked upper = null;
    Asked work = null;
    List<Integer> marked = new ArrayList<>();
    boolean feature = context.profile().has(KernelFeature.OVL_IMMUTABLE);
    for (String option : split(data == null ? "" : data.latin1(), ',')) {
      int equals = option.indexOf('=');
      String key = equals < 0 ? option : option.substring(0, equals);
      String value = equals < 0 ? "" : option.substring(equals + 1);
      switch (key) {
        case "lowerdir" -> lowers.addAll(lowerdir(value));
        case "lowerdir+" -> lowers.add(asked(value, false, false).at(next(known)));
        case "datadir+" -> lowers.add(asked(value, true, false).at(next(known)));
        case "upperdir" -> upper = asked(value, false, false).at(next(known));
        case "workdir" -> work = asked(value, false, false).at(next(known));
        case "immutabledir+", "immutable_lower" -> {
          if (!feature) {
            return refused(context, Errno.EINVAL, "F42 option");
          }
          if (key.equals("immutabledir+")) {
            lowers.add(asked(value, false, true).at(next(known)));
          } else {
            for (String index : value.split(":")) {
              marked.add(index.matches("\\d{1,4}") ? Integer.parseInt(index) : -1);
            }
          }
        }
        default -> {
          if (!KNOWN.contains(key)) {
            return refused(context, Errno.EINVAL, "F42 unknown option");
          }
        }
      }
    }
    for (int index : marked) {
      boolean fits = index >= 1 && index <= lowers.size() && !lowers.get(index - 1).data();
      if (!fits) {
        return refused(context, Errno.EINVAL, "F42 immutable_lower");
      }
      Asked lower = lowers.get(index - 1);
      lowers.set(index - 1, new Asked(lower.path(), false, true, lower.place()));
    }
    String text = data == null ? "" : data.latin1();
    boolean trusted = text.contains("metacopy=on") || text.contains("redirect_dir=on");
    Credentials who = context.task().credentials();
    if (trusted && !Capability.initial(context.state(), who, Capability.SYS_ADMIN)) {
      return refused(context, Errno.EPERM, "F58 option of the initial user namespace");
    }
    if (OverlayOptions.contradict(data)) {
      return refused(context, Errno.EINVAL, "F58 options that contradict");
    }
    Plan plan = found(context, lowers, upper, work);
    boolean busy =
        plan.refused() == null
            && plan.upper() != null
            && text.contains("index=on")
            && inUse(context, plan.upper());
    return busy ? refused(context, Errno.EBUSY, "F58 upper in use") : plan;
  }

  private static Place next(Iterator<Place> known) {
    return known.hasNext() ? known.next() : null;
  }

  /** Whether overlayfs has an option of this name. */
  static boolean option(CallContext context, String key) {
    boolean immutable = key.equals("immutabledir+") || key.equals("immutable_lower");
    return immutable
        ? context.profile().has(KernelFeature.OVL_IMMUTABLE)
        : key.equals("lowerdir") || layer(key) || KNOWN.contains(key);
  }

  /** Whether an option names one layer. */
  static boolean layer(String key) {
    return switch (key) {
      case "lowerdir+", "datadir+", "immutabledir+", "upperdir", "workdir" -> true;
      default -> false;
    };
  }

  private static Asked asked(String path, boolean data, boolean immutable) {
    return new Asked(Bytes.of(path.replace("\\", "")), data, immutable, null);
  }

  /** Directories with colons between; a double colon begins the data-only ones. */
  private static List<Asked> lowerdir(String value) {
    List<Asked> lowers = new ArrayList<>();
    boolean data = false;
    for (String path : split(value, ':')) {
      if (path.isEmpty()) {
        data = true;
      } else {
        lowers.add(asked(path, data, false));
      }
    }
    return lowers;
  }

  private static List<String> split(String text, char separator) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        word.append(c).append(text.charAt(++i));
      } else if (c == separator) {
        words.add(word.toString());
        word.setLength(0);
      } else {
        word.append(c);
      }
    }
    if (!word.isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }

  private static Plan refused(CallContext context, int errno, String rule) {
    return new Plan(List.of(), null, null, context.fail(errno, rule));
  }

  private static Plan found(CallContext context, List<Asked> lowers, Asked upper, Asked work) {
    List<Asked> all = new ArrayList<>();
    for (Asked lower : lowers) {
      all.add(find(context, lower));
    }
    Asked top = find(context, upper);
    Asked scratch = find(context, work);
    for (Asked one : all) {
      if (one.place() == null) {
        return absent(context, one);
      }
    }
    if (upper != null && top.place() == null) {
      return absent(context, top);
    }
    if (work != null && scratch.place() == null) {
      return absent(context, scratch);
    }
    if (tooDeep(context.state(), all, top)) {
      return refused(context, Errno.EINVAL, "F58 stacking depth");
    }
    boolean few = all.isEmpty() || upper == null && all.size() < 2;
    if (few || upper != null && work == null) {
      return refused(context, Errno.EINVAL, "F58 layers");
    }
    if (upper != null && scratch.place().mount() != top.place().mount()) {
      return refused(context, Errno.EINVAL, "F58 workdir on another mount");
    }
    boolean nested =
        upper != null && (within(context, scratch, top) || within(context, top, scratch));
    if (nested) {
      return refused(context, Errno.EINVAL, "F58 workdir and upperdir in each other");
    }
    List<Asked> others = new ArrayList<>(all);
    if (upper != null) {
      others.add(top);
      others.add(scratch);
    }
    if (upper != null && !cloneable(context, top.place())) {
      return refused(context, Errno.EINVAL, "F58 clone_private_mount");
    }
    for (Asked one : all) {
      if (!cloneable(context, one.place())) {
        return refused(context, Errno.EINVAL, "F58 clone_private_mount");
      }
      for (Asked other : others) {
        if (one != other && within(context, one, other)) {
          return refused(context, Errno.ELOOP, "F58 layers that overlap");
        }
      }
    }
    return new Plan(all, top, scratch, null);
  }

  /** FILESYSTEM_MAX_STACK_DEPTH: an overlay of overlays of overlays is too much. */
  private static boolean tooDeep(KernelState state, List<Asked> lowers, Asked upper) {
    int depth = upper == null ? 0 : depth(state, upper.place());
    for (Asked lower : lowers) {
      depth = Math.max(depth, depth(state, lower.place()));
    }
    return depth + 1 > MAX_DEPTH;
  }

  private static int depth(KernelState state, Place place) {
    Mount mount = state.mounts.get(place.mount());
    return mount == null ? 0 : depth(state, mount.superblock(), MAX_DEPTH);
  }

  private static int depth(KernelState state, long superblock, int most) {
    int below = -1;
    for (long key : state.overlayLayersBySuperblock.keys(superblock)) {
      Mount layer = state.mounts.get(state.overlayLayers.require(key).mount());
      int deep = layer == null || most == 0 ? 0 : depth(state, layer.superblock(), most - 1);
      below = Math.max(below, deep);
    }
    return below + 1;
  }

  /** A layer that cannot be looked up, or is no directory. */
  private static Plan absent(CallContext context, Asked layer) {
    return switch (walk(context, layer)) {
      case PathWalk.Refused refused ->
          refused(
              context,
              refused.errno() == Errno.ENOTDIR ? Errno.EINVAL : refused.errno(),
              refused.rule());
      case PathWalk.Found found -> refused(context, Errno.EINVAL, "F58 layer is no directory");
      case PathWalk.Missing missing -> refused(context, Errno.ENOENT, "F58 layer is missing");
      case PathWalk.Unknown unknown ->
          new Plan(List.of(), null, null, new Result.Unknown(unknown.reason()));
    };
  }

  /** clone_private_mount(). */
  private static boolean cloneable(CallContext context, Place place) {
    KernelState state = context.state();
    Mount mount = state.mounts.get(place.mount());
    boolean shifted = mount != null && mount.idmap() != 0;
    boolean refused = shifted && !context.profile().has(KernelFeature.IDMAP_OVERLAY);
    if (mount == null || mount.unbindable() || refused) {
      return false;
    }
    Namespace namespace = state.namespaces.get(mount.namespace());
    boolean reachable =
        mount.parent() != 0
            ? !context.simulated() || Checks.inCallersNamespace(context, mount)
            : namespace != null;
    return reachable && !Checks.hasLockedChildren(state, mount, place.dentry());
  }

  /** Whether a directory is another, or (of a lower layer or the work directory) below it. */
  private static boolean within(CallContext context, Asked inner, Asked outer) {
    long at = inner.place().dentry();
    long wanted = outer.place().dentry();
    while (at != 0 && at != wanted) {
      at = context.state().dentries.require(at).parent();
    }
    return at == wanted;
  }

  /** ovl_get_upper(): with an index, an upper directory is of one overlay alone. */
  private static boolean inUse(CallContext context, Asked upper) {
    KernelState state = context.state();
    for (OverlayLayer layer : state.overlayLayers.rows()) {
      Mount mount = layer.index() == 0 ? state.mounts.get(layer.mount()) : null;
      if (mount != null && mount.root() == upper.place().dentry()) {
        return true;
      }
    }
    return false;
  }

  private static Asked find(CallContext context, Asked asked) {
    if (asked == null || asked.place() != null) {
      return asked;
    }
    return walk(context, asked) instanceof PathWalk.Found found && found.place().known()
        ? asked.at(found.place())
        : asked;
  }

  private static PathWalk.Walk walk(CallContext context, Asked asked) {
    return PathWalk.walk(
        context,
        null,
        new Text(asked.path().toBuffer(), false, null),
        PathWalk.FOLLOW | PathWalk.DIRECTORY);
  }

  /**
   * What a recorded overlay is made of, or why it cannot be, as far as that is certain.
   *
   * @param known places of the layers that were looked up when they were named
   */
  static Plan recorded(CallContext context, Bytes data, List<Place> known) {
    Result refused = known.isEmpty() ? uncertain(context, data) : null;
    return refused == null ? plan(context, data, known) : new Plan(List.of(), null, null, refused);
  }

  private static Result uncertain(CallContext context, Bytes data) {
    for (Asked layer : asked(data)) {
      switch (walk(context, layer)) {
        case PathWalk.Found found -> {
          if (!found.place().known()) {
            return new Result.Unknown("where a layer is");
          }
        }
        case PathWalk.Missing missing -> {
          return certain(context.state(), missing)
              ? context.fail(Errno.ENOENT, "F58 layer is missing")
              : new Result.Unknown("whether a layer exists");
        }
        case PathWalk.Refused refused -> {
          return context.fail(refused.errno(), refused.rule());
        }
        case PathWalk.Unknown unknown -> {
          return new Result.Unknown(unknown.reason());
        }
      }
    }
    return null;
  }

  private static boolean certain(KernelState state, PathWalk.Missing missing) {
    Dentry directory = state.dentries.get(missing.directory().dentry());
    return directory != null
        && (Dcache.complete(state, directory)
            || state.child(directory.key(), missing.name()) != null);
  }

  /** The layers that options name, in their order. */
  private static List<Asked> asked(Bytes data) {
    List<Asked> layers = new ArrayList<>();
    for (String option : split(data == null ? "" : data.latin1(), ',')) {
      int equals = option.indexOf('=');
      String value = equals < 0 ? "" : option.substring(equals + 1);
      switch (equals < 0 ? option : option.substring(0, equals)) {
        case "lowerdir" -> layers.addAll(lowerdir(value));
        case "lowerdir+", "datadir+", "upperdir", "workdir" ->
            layers.add(asked(value, false, false));
        default -> {}
      }
    }
    return layers;
  }

  /** The layers of a superblock that was made. */
  static void make(CallContext context, Superblock superblock, Plan plan) {
    KernelState state = context.state();
    long upper = 0;
    if (plan.upper() != null) {
      upper = layer(context, superblock, 0, plan.upper());
    }
    List<Lower> lowers = new ArrayList<>();
    for (int i = 0; i < plan.lowers().size(); i++) {
      long dentry = layer(context, superblock, i + 1, plan.lowers().get(i));
      if (!plan.lowers().get(i).data()) {
        lowers.add(new Lower(i + 1, dentry));
      }
    }
    if (plan.work() != null) {
      context.put(
          Tables.OVERLAY_LAYERS,
          new OverlayLayer(
              context.newKey(),
              superblock.key(),
              OverlayLayer.WORK,
              0,
              plan.work().path(),
              false,
              false));
    }
    if (!context.simulated()) {
      // The names are merged by the kernel of the recording.
      return;
    }
    context.put(Tables.OVERLAY_ENTRIES, new OverlayEntry(superblock.root(), upper, lowers, false));
    Place top = plan.upper() != null ? plan.upper().place() : plan.lowers().getFirst().place();
    Inode raw = state.inodes.require(state.dentries.require(top.dentry()).inode());
    Inode seen = Idmapped.view(state, top.mount(), raw);
    Inode root = state.inodes.require(state.dentries.require(superblock.root()).inode());
    context.put(Tables.INODES, root.withMode(seen.mode()).withOwner(seen.uid(), seen.gid()));
  }

  /** clone_private_mount(): what happens to the mount later does not matter. */
  private static long layer(CallContext context, Superblock superblock, int index, Asked asked) {
    KernelState state = context.state();
    Mount original = state.mounts.require(asked.place().mount());
    Mount clone =
        NewMount.fresh(
            context,
            state.superblocks.require(original.superblock()),
            asked.place().dentry(),
            original.source(),
            original.flags(),
            MountCause.Kind.NEW);
    if (original.idmap() != 0) {
      context.emit(new MountChange.Changed(clone.withIdmap(original.idmap())));
    }
    context.put(
        Tables.OVERLAY_LAYERS,
        new OverlayLayer(
            context.newKey(),
            superblock.key(),
            index,
            clone.key(),
            asked.path(),
            asked.data(),
            asked.immutable()));
    return asked.place().dentry();
  }

  /** The overlay is gone: its names and its private mounts go. */
  static void release(CallContext context, Superblock superblock) {
    KernelState state = context.state();
    for (long key : state.dentriesBySuperblock.keys(superblock.key())) {
      if (state.overlayEntries.get(key) != null) {
        context.remove(Tables.OVERLAY_ENTRIES, key);
      }
    }
    for (long key : state.overlayLayersBySuperblock.keys(superblock.key())) {
      long mount = state.overlayLayers.require(key).mount();
      context.remove(Tables.OVERLAY_LAYERS, key);
      MountLife.releaseIfUnused(context, mount);
    }
  }
}

package io.kledger.engine.file;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.path.PathText;
import java.util.ArrayList;
import java.util.List;

/**
 * Symbolic links that the log never showed. A trace tells the path that was asked for and, behind
 * the returned descriptor, the path that was reached: where they differ, a component is a link.
 */
public final class LinkInference {
  private static final Bytes SLASH = Bytes.of("/");

  private LinkInference() {}

  /** Infers the link, if one is needed to get from {@code path} to {@code reached}. */
  public static void learn(CallContext context, Place start, Bytes path, Bytes reached) {
    if (!start.known() || !PathWalk.root(context).equals(FdInference.top(context))) {
      return;
    }
    KernelState state = context.state();
    List<Bytes> names = names(path);
    Place at = path.at(0) == '/' ? PathWalk.root(context) : start;
    for (int k = 0; k < names.size(); k++) {
      Bytes name = names.get(k);
      if (name.equals(Bytes.of(".")) || name.equals(Bytes.of(".."))) {
        return;
      }
      Dentry child = state.child(at.dentry(), name);
      if (child == null || child.inode() == 0) {
        infer(context, at, names, k, reached);
        return;
      }
      if (!(PathWalk.walk(context, at, name, PathWalk.FOLLOW, 0) instanceof PathWalk.Found on)) {
        return;
      }
      at = on.place();
    }
  }

  /** The names before {@code k} are known; one from there on is the link. */
  private static void infer(
      CallContext context, Place at, List<Bytes> names, int k, Bytes reached) {
    Bytes here = PathText.fromTop(context.state(), at);
    Bytes plain = here.length() == 1 ? Bytes.EMPTY : here;
    if (plain.plus(join(names, k, names.size())).equals(reached)) {
      return;
    }
    Place directory = at;
    for (int j = k; j < names.size(); j++) {
      Bytes rest = join(names, j + 1, names.size());
      if (reached.endsWith(rest)) {
        Bytes target = reached.slice(0, reached.length() - rest.length());
        Dcache.inferSymlink(
            context, directory.dentry(), names.get(j), target.isEmpty() ? SLASH : target);
        return;
      }
      Dentry made = Dcache.inferChild(context, directory.dentry(), names.get(j), Inode.S_IFDIR);
      directory = new Place(directory.mount(), made.key());
    }
  }

  private static Bytes join(List<Bytes> names, int from, int to) {
    Bytes path = Bytes.EMPTY;
    for (int i = from; i < to; i++) {
      path = path.plus(SLASH).plus(names.get(i));
    }
    return path;
  }

  private static List<Bytes> names(Bytes path) {
    List<Bytes> names = new ArrayList<>();
    int at = 0;
    while (at < path.length()) {
      int slash = path.indexOf('/', at);
      int end = slash < 0 ? path.length() : slash;
      if (end > at) {
        names.add(path.slice(at, end));
      }
      at = end + 1;
    }
    return names;
  }
}

package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.path.PathText;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The mounts of a namespace as a graph in the language of dot(1): solid from a mount to what is
 * mounted on it, dashed between neighbours of a peer group, dotted from a slave to its master.
 * Peers and masters of other namespaces are grey.
 */
public final class MountGraph {
  private final KernelState state;
  private final Place root;
  private final TreeMap<Long, Mount> shown = new TreeMap<>();
  private final TreeMap<Long, Mount> outside = new TreeMap<>();

  private MountGraph(KernelState state, Place root) {
    this.state = state;
    this.root = root;
  }

  /** The lines of the graph of what a root can reach in a mount namespace. */
  public static List<String> lines(KernelState state, long namespace, Place root) {
    MountGraph graph = new MountGraph(state, root);
    for (long key : state.mountsByNamespace.keys(namespace)) {
      Mount mount = state.mounts.require(key);
      if (MountInfo.reachable(state, mount, root)) {
        graph.shown.put(key, mount);
      }
    }
    return graph.lines();
  }

  private List<String> lines() {
    List<String> edges = new ArrayList<>();
    for (Mount mount : shown.values()) {
      if (shown.containsKey(mount.parent())) {
        edges.add(edge(mount.parent(), mount.key(), ""));
      }
    }
    for (Mount mount : shown.values()) {
      peers(mount, edges);
      Mount master = state.mounts.get(mount.master());
      if (master != null) {
        meet(master);
        String group = "label=\"master:" + master.peerGroup() + "\"";
        edges.add(edge(mount.key(), master.key(), "style=dotted," + group + ",constraint=false"));
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add("digraph mounts {");
    lines.add("  node [shape=box,fontname=monospace];");
    shown.values().forEach(mount -> lines.add(node(mount, "")));
    outside.values().forEach(mount -> lines.add(node(mount, ",color=grey,fontcolor=grey")));
    lines.addAll(edges);
    lines.add("}");
    return lines;
  }

  /** One edge a pair of neighbours in the ring; a ring of two has one. */
  private void peers(Mount mount, List<String> edges) {
    if (!mount.shared() || mount.nextPeer() == mount.key()) {
      return;
    }
    Mount next = state.mounts.require(mount.nextPeer());
    meet(next);
    boolean both = next.nextPeer() == mount.key() && shown.containsKey(next.key());
    if (!both || mount.key() < next.key()) {
      String group = "label=\"shared:" + mount.peerGroup() + "\"";
      edges.add(
          edge(mount.key(), next.key(), "style=dashed,dir=none," + group + ",constraint=false"));
    }
  }

  private void meet(Mount mount) {
    if (!shown.containsKey(mount.key())) {
      outside.put(mount.key(), mount);
    }
  }

  private static String edge(long from, long to, String attributes) {
    String tail = attributes.isEmpty() ? ";" : " [" + attributes + "];";
    return "  m" + from + " -> m" + to + tail;
  }

  private String node(Mount mount, String attributes) {
    Superblock superblock = state.superblocks.require(mount.superblock());
    boolean here = shown.containsKey(mount.key());
    Place top = new Place(mount.key(), mount.root());
    Place from = here ? root : Place.UNKNOWN;
    StringBuilder text = new StringBuilder();
    text.append(mount.id()).append(' ').append(Mangle.path(PathText.names(state, top, from)));
    text.append('\n').append(MountInfo.type(superblock)).append(' ');
    text.append(mount.source() == null ? "none" : Mangle.source(mount.source()));
    text.append('\n').append(MountInfo.options(mount));
    String propagation = MountInfo.tags(state, mount, from).strip();
    text.append(propagation.isEmpty() ? "" : "\n" + propagation);
    Namespace namespace = here ? null : state.namespaces.get(mount.namespace());
    text.append(namespace == null ? "" : "\nmnt:[" + namespace.inode() + "]");
    return "  m" + mount.key() + " [label=\"" + quoted(text.toString()) + "\"" + attributes + "];";
  }

  /** In a string of dot only quotes and backslashes are special; lines are centred. */
  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}

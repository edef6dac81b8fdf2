package io.kledger.view;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.kernel.path.PathText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Mounts as a graph in the DOT language: a box for each namespace, solid lines from parents to
 * children, and how events propagate: each peer group is an oval joined with its mounts, an arrow
 * leads from it to the slaves that receive from it (Documentation/filesystems/sharedsubtree.rst).
 */
public final class MountGraph {
  private final KernelState state;
  private final List<String> lines = new ArrayList<>();
  private final Map<Integer, List<Long>> peers = new LinkedHashMap<>();
  private final List<Mount> slaves = new ArrayList<>();

  private MountGraph(KernelState state) {
    this.state = state;
  }

  /**
   * The graph of one mount namespace and of the peer groups that it takes part in.
   *
   * @param namespace key of a mount namespace; 0 = all, detached trees too
   */
  public static List<String> dot(KernelState state, long namespace) {
    MountGraph graph = new MountGraph(state);
    graph.lines.add("digraph mounts {");
    graph.lines.add("  rankdir=LR;");
    graph.lines.add("  node [shape=box];");
    for (Namespace row : state.namespaces.rows()) {
      if (row.kind() == NamespaceKind.MOUNT && (namespace == 0 || row.key() == namespace)) {
        graph.namespace(row);
      }
    }
    graph.propagation();
    graph.lines.add("}");
    return graph.lines;
  }

  private void namespace(Namespace namespace) {
    long[] keys = state.mountsByNamespace.keys(namespace.key());
    if (keys.length == 0) {
      return;
    }
    String name =
        namespace.anonymous() ? "detached tree" : NamespaceNames.full(state, namespace);
    lines.add("  subgraph cluster_" + namespace.key() + " {");
    lines.add("    label=\"" + quoted(name) + "\";");
    for (long key : keys) {
      Mount mount = state.mounts.require(key);
      Superblock superblock = state.superblocks.require(mount.superblock());
      Bytes point = PathText.names(state, new Place(key, mount.root()), Place.UNKNOWN);
      lines.add(
          "    m%d [label=\"%d %s\\n%s\"];"
              .formatted(
                  key, mount.id(), quoted(point), quoted(MountInfo.type(superblock).toString())));
      if (mount.peerGroup() != 0) {
        peers.computeIfAbsent(mount.peerGroup(), group -> new ArrayList<>()).add(key);
      }
      if (mount.master() != 0) {
        slaves.add(mount);
      }
    }
    for (long key : keys) {
      Mount mount = state.mounts.require(key);
      if (state.mounts.get(mount.parent()) != null && mount.parent() != key) {
        lines.add("    m%d -> m%d;".formatted(mount.parent(), key));
      }
    }
    lines.add("  }");
  }

  private void propagation() {
    for (Mount slave : slaves) {
      Mount master = state.mounts.get(slave.master());
      if (master != null) {
        peers.computeIfAbsent(master.peerGroup(), group -> new ArrayList<>());
        lines.add(
            "  g%d -> m%d [style=dashed, color=blue, label=\"slave\"];"
                .formatted(master.peerGroup(), slave.key()));
      }
    }
    peers.forEach(
        (group, members) -> {
          lines.add("  g%d [shape=oval, label=\"shared:%d\"];".formatted(group, group));
          for (long member : members) {
            lines.add(
                "  m%d -> g%d [dir=none, style=dashed, color=red];".formatted(member, group));
          }
        });
  }

  private static String quoted(Bytes bytes) {
    return quoted(bytes.latin1());
  }

  /** What may stand in a string of DOT; control characters would break its lines. */
  private static String quoted(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || c >= 0x7f) {
        out.append("\\\\x%02x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}

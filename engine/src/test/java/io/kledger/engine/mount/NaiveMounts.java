package io.kledger.engine.mount;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Shared subtrees from their definition (Documentation/filesystems/sharedsubtree.rst and
 * propagate_umount.txt): sets of members instead of rings and lists, no order anywhere.
 */
final class NaiveMounts {
  /** A peer group; all its members have the same master. */
  static final class Group {
    final Set<M> members = new LinkedHashSet<>();
  }

  /** A mount. */
  static final class M {
    final int fs;
    final String root;
    M parent;
    String place;
    Group group;
    Group master;
    boolean unbindable;

    M(int fs, String root) {
      this.fs = fs;
      this.root = root;
    }
  }

  final List<M> all = new ArrayList<>();
  final Map<Integer, Set<String>> directories = new HashMap<>();
  private final M top;

  NaiveMounts(Set<String> rootDirectories) {
    directories.put(0, new HashSet<>(rootDirectories));
    top = new M(0, "");
    all.add(top);
  }

  /** A mount and a directory of its filesystem; null if the path leads nowhere. */
  record At(M mount, String directory) {}

  At walk(String path) {
    At at = climb(new At(top, ""));
    for (String name : path.substring(1).split("/")) {
      String next = at.directory + "/" + name;
      if (!directories.getOrDefault(at.mount.fs, Set.of()).contains(next)) {
        return null;
      }
      at = climb(new At(at.mount, next));
    }
    return at;
  }

  private At climb(At from) {
    At at = from;
    for (M on = on(at.mount, at.directory); on != null; on = on(at.mount, at.directory)) {
      at = new At(on, on.root);
    }
    return at;
  }

  private M on(M parent, String directory) {
    for (M m : all) {
      if (m.parent == parent && m.place.equals(directory)) {
        return m;
      }
    }
    return null;
  }

  private List<M> tree(M root) {
    List<M> tree = new ArrayList<>(List.of(root));
    for (int i = 0; i < tree.size(); i++) {
      M parent = tree.get(i);
      all.stream().filter(m -> m.parent == parent).forEach(tree::add);
    }
    return tree;
  }

  private static boolean below(String directory, String ancestor) {
    return directory.equals(ancestor) || directory.startsWith(ancestor + "/");
  }

  boolean newMount(At target, int fs) {
    M made = new M(fs, "");
    attach(made, List.of(made), target);
    return true;
  }

  boolean bind(At source, At target, boolean recursive) {
    if (source.mount.unbindable) {
      return false;
    }
    List<M> copies = new ArrayList<>();
    M copy = copy(source.mount, source.directory, recursive, copies);
    attach(copy, copies, target);
    return true;
  }

  private M copy(M original, String root, boolean recursive, List<M> into) {
    M copy = new M(original.fs, root);
    copy.master = original.master;
    if (original.group != null) {
      join(copy, original.group);
    }
    into.add(copy);
    if (recursive) {
      for (M child : List.copyOf(all)) {
        if (child.parent == original && below(child.place, root) && !child.unbindable) {
          M below = copy(child, child.root, true, into);
          below.parent = copy;
          below.place = child.place;
        }
      }
    }
    return copy;
  }

  private static void join(M mount, Group group) {
    mount.group = group;
    group.members.add(mount);
  }

  boolean move(At source, At target) {
    M mount = source.mount;
    List<M> tree = tree(mount);
    boolean shared = target.mount.group != null;
    if (!source.directory.equals(mount.root)
        || mount.parent == null
        || mount.parent.group != null
        || shared && tree.stream().anyMatch(m -> m.unbindable)
        || tree.contains(target.mount)) {
      return false;
    }
    // Still a mount while it moves: what it receives from its own group arrives on it, too.
    mount.parent = null;
    attach(mount, tree, target);
    return true;
  }

  /** The tree comes to the target, and a copy of it to each mount that receives from there. */
  private void attach(M root, List<M> tree, At target) {
    Group group = target.mount.group;
    List<M> arrivals = new ArrayList<>(tree);
    List<M> roots = new ArrayList<>(List.of(root));
    List<M> parents = new ArrayList<>(List.of(target.mount));
    if (group != null) {
      for (M m : tree) {
        m.unbindable = false;
        if (m.group == null) {
          join(m, new Group());
        }
      }
      Map<Group, Map<M, Group>> groups = new HashMap<>();
      groups.put(group, groupsOf(tree));
      for (M receiver : receivers(target.mount, group)) {
        if (all.contains(receiver)
            && receiver.fs == target.mount.fs
            && below(target.directory, receiver.root)) {
          Map<M, M> copies = new HashMap<>();
          for (M m : tree) {
            copies.put(m, copyFor(receiver, m, group, groups));
          }
          for (M m : tree) {
            M copy = copies.get(m);
            arrivals.add(copy);
            if (m != root) {
              copy.parent = copies.get(m.parent);
              copy.place = m.place;
            }
          }
          roots.add(copies.get(root));
          parents.add(receiver);
        }
      }
    }
    arrivals.removeAll(all);
    all.addAll(arrivals);
    for (int i = 0; i < roots.size(); i++) {
      hang(roots.get(i), parents.get(i), target.directory);
    }
  }

  private static Map<M, Group> groupsOf(List<M> tree) {
    Map<M, Group> groups = new HashMap<>();
    tree.forEach(m -> groups.put(m, m.group));
    return groups;
  }

  /**
   * A peer's copy is a peer. A slave's copy is a slave of the copies of its nearest master with
   * some.
   */
  private M copyFor(M receiver, M original, Group origin, Map<Group, Map<M, Group>> groups) {
    M copy = new M(original.fs, original.root);
    if (receiver.group == origin) {
      copy.master = original.master;
      join(copy, original.group);
      return copy;
    }
    Group master = receiver.master;
    while (!groups.containsKey(master) || groups.get(master).get(original) == null) {
      master = masterOf(master);
    }
    copy.master = groups.get(master).get(original);
    if (receiver.group != null) {
      Group own =
          groups
              .computeIfAbsent(receiver.group, g -> new HashMap<>())
              .computeIfAbsent(original, m -> new Group());
      join(copy, own);
    }
    return copy;
  }

  private static Group masterOf(Group group) {
    return group.members.iterator().next().master;
  }

  /** Peers, their slaves, the peers and slaves of these; masters before slaves. */
  private Set<M> receivers(M mount, Group group) {
    Set<M> found = new LinkedHashSet<>();
    Set<Group> seen = new LinkedHashSet<>(List.of(group));
    List<Group> queue = new ArrayList<>(seen);
    for (int i = 0; i < queue.size(); i++) {
      Group from = queue.get(i);
      for (M m : all) {
        if (m.group == from || m.master == from) {
          found.add(m);
          if (m.group != null && seen.add(m.group)) {
            queue.add(m.group);
          }
        }
      }
    }
    found.remove(mount);
    return found;
  }

  /** What is there already ends up on top. */
  private void hang(M root, M parent, String place) {
    M covered = on(parent, place);
    root.parent = parent;
    root.place = place;
    if (covered != null && covered != root) {
      M under = root;
      for (M over = on(under, under.root); over != null && over != covered; ) {
        under = over;
        over = on(under, under.root);
      }
      covered.parent = under;
      covered.place = under.root;
    }
  }

  boolean change(At target, PeerGroups.Type type, boolean recursive) {
    if (!target.directory.equals(target.mount.root)) {
      return false;
    }
    for (M m : recursive ? tree(target.mount) : List.of(target.mount)) {
      change(m, type);
    }
    return true;
  }

  private void change(M m, PeerGroups.Type type) {
    Group former = m.group;
    switch (type) {
      case SHARED -> {
        m.unbindable = false;
        if (former == null) {
          join(m, new Group());
        }
      }
      case SLAVE -> {
        if (former != null) {
          boolean alone = former.members.size() == 1;
          Group master = alone ? m.master : former;
          leave(m);
          m.master = master;
        }
      }
      case PRIVATE, UNBINDABLE -> {
        leave(m);
        m.master = null;
        m.unbindable = type == PeerGroups.Type.UNBINDABLE;
      }
    }
  }

  /** The slaves of a group that ends go to its master. */
  private void leave(M m) {
    Group group = m.group;
    if (group != null) {
      m.group = null;
      group.members.remove(m);
      if (group.members.isEmpty()) {
        all.stream().filter(s -> s.master == group).forEach(s -> s.master = m.master);
      }
    }
  }

  boolean umount(At target) {
    M mount = target.mount;
    if (!target.directory.equals(mount.root) || mount.parent == null) {
      return false;
    }
    Set<M> going = new LinkedHashSet<>(tree(mount));
    Set<M> certain = new LinkedHashSet<>(going);
    for (M m : certain) {
      Group group = m.parent.group;
      if (group != null) {
        for (M receiver : receivers(m.parent, group)) {
          M there = on(receiver, m.place);
          if (there != null && receiver.fs == m.parent.fs) {
            going.add(there);
          }
        }
      }
    }
    while (dropOne(going, certain)) {
      continue;
    }
    for (M m : List.copyOf(all)) {
      if (!going.contains(m) && going.contains(m.parent)) {
        slide(m, going);
      }
    }
    all.removeAll(going);
    going.forEach(this::leaveGone);
    return true;
  }

  /** A survivor may slide down to where a chain of covered roots hung, and nowhere else. */
  private boolean dropOne(Set<M> going, Set<M> certain) {
    for (M survivor : all) {
      if (going.contains(survivor)) {
        continue;
      }
      M at = survivor;
      while (at.parent != null && going.contains(at.parent)) {
        if (!at.place.equals(at.parent.root)) {
          assert !certain.contains(at.parent);
          going.remove(at.parent);
          return true;
        }
        at = at.parent;
      }
    }
    return false;
  }

  private static void slide(M survivor, Set<M> going) {
    M under = survivor;
    String place;
    do {
      place = under.place;
      under = under.parent;
    } while (going.contains(under));
    survivor.parent = under;
    survivor.place = place;
  }

  private void leaveGone(M m) {
    leave(m);
    m.master = null;
    m.parent = null;
  }

  /**
   * A line a mount: the places it hangs on, down from the top, and its groups numbered as they
   * come.
   */
  List<String> lines() {
    TreeMap<String, M> byPlace = new TreeMap<>();
    all.forEach(m -> byPlace.put(chain(m), m));
    List<String> lines = new ArrayList<>();
    Map<Group, Integer> numbers = new HashMap<>();
    byPlace.forEach(
        (chain, m) -> {
          String text = chain;
          if (m.group != null) {
            text += " shared:" + numbers.computeIfAbsent(m.group, g -> numbers.size() + 1);
          }
          if (m.master != null) {
            text += " master:" + numbers.computeIfAbsent(m.master, g -> numbers.size() + 1);
          }
          lines.add(m.unbindable ? text + " unbindable" : text);
        });
    return lines;
  }

  private static String chain(M m) {
    String own = m.fs + ":" + m.root;
    return m.parent == null ? own : chain(m.parent) + " > " + m.place + " = " + own;
  }
}

package io.kledger.check;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.mount.Superblock;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The renamings of one recording. A kernel uses ids again: the renaming of an id ends when what the
 * engine calls by it is gone.
 */
final class Renamings {
  /** Kinds whose names in the engine are keys of Namespace rows: see StateLines. */
  private static final Set<String> NAMESPACES =
      Set.of("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts");

  private final Renaming mounts;
  private final Renaming groups;
  private final Renaming devices;
  private final Renaming files;

  /** Inode numbers of pipes, sockets, namespaces ... by kind. */
  private final Map<String, Renaming> inodes;

  /** A peer group by its members at the time. */
  private record Group(int id, long[] members) {}

  Renamings() {
    this(
        new Renaming("mount"),
        new Renaming("peer group"),
        new Renaming("device"),
        new Renaming("file"),
        new LinkedHashMap<>());
  }

  private Renamings(
      Renaming mounts,
      Renaming groups,
      Renaming devices,
      Renaming files,
      Map<String, Renaming> inodes) {
    this.mounts = mounts;
    this.groups = groups;
    this.devices = devices;
    this.files = files;
    this.inodes = inodes;
  }

  Renamings copy() {
    Map<String, Renaming> copies = new LinkedHashMap<>();
    inodes.forEach((kind, renaming) -> copies.put(kind, renaming.copy()));
    return new Renamings(mounts.copy(), groups.copy(), devices.copy(), files.copy(), copies);
  }

  MountComparison mountComparison(KernelState state) {
    Set<String> guessed = new TreeSet<>();
    for (Superblock superblock : state.superblocks.rows()) {
      if (!superblock.optionsKnown()) {
        guessed.add(superblock.major() + ":" + superblock.minor());
      }
    }
    return new MountComparison(mounts, groups, devices, guessed);
  }

  LockComparison lockComparison() {
    return new LockComparison(devices, files);
  }

  TaskComparison taskComparison() {
    return new TaskComparison(mounts, inodes);
  }

  /** Notes what the engine's ids stand for now. */
  void remember(KernelState state) {
    mounts.remember(id -> first(state.mountsById.keys(Long.parseLong(id))));
    devices.remember(
        device ->
            first(
                state.superblocksByDevice.keys(
                    KernelState.pair(1, Long.parseLong(device.substring(2))))));
    groups.remember(
        id -> {
          int group = Integer.parseInt(id);
          long[] members = state.mountsByPeerGroup.keys(group);
          return members.length == 0 ? null : new Group(group, members);
        });
    files.remember(file -> Long.parseLong(file.substring(1)));
    inodes.forEach(
        (kind, renaming) -> {
          if (NAMESPACES.contains(kind)) {
            renaming.remember(Long::parseLong);
          }
        });
  }

  /** Ends the renamings of what has gone since {@link #remember}. */
  void endDead(KernelState state) {
    mounts.endWhere(key -> state.mounts.get((Long) key) == null);
    devices.endWhere(key -> state.superblocks.get((Long) key) == null);
    files.endWhere(key -> state.inodes.get((Long) key) == null);
    groups.endWhere(
        known -> {
          Group group = (Group) known;
          return Arrays.stream(state.mountsByPeerGroup.keys(group.id))
              .noneMatch(key -> Arrays.binarySearch(group.members, key) >= 0);
        });
    inodes.values().forEach(r -> r.endWhere(key -> state.namespaces.get((Long) key) == null));
  }

  private static Long first(long[] keys) {
    return keys.length == 0 ? null : keys[keys.length - 1];
  }
}

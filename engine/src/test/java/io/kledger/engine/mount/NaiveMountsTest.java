package io.kledger.engine.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.engine.Result;
import io.kledger.engine.mount.NaiveMounts.At;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.path.PathText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random operations on mounts: rings, lists and their order come to the same as plain sets. */
class NaiveMountsTest {
  private static final int OPERATIONS = 60;
  private static final int SEEDS = 150;

  /** Copies double with each bind of a mount in itself: beyond this a run tells nothing new. */
  private static final int ENOUGH = 150;

  private static final String[] TOPS = {"a", "b", "c"};

  private final MountBench bench = new MountBench();
  private final Map<Integer, Long> superblocks = new HashMap<>();
  private NaiveMounts naive;
  private Random random;
  private int filesystems;
  private long base;

  static List<Long> seeds() {
    List<Long> seeds = new ArrayList<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      seeds.add(seed);
    }
    return seeds;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void sameTreesAndGroups(long seed) {
    given(seed);
    for (int i = 0; i < OPERATIONS && naive.all.size() < ENOUGH; i++) {
      String operation = step();

      assertThat(lines())
          .as("seed %d, operation %d: %s", seed, i, operation)
          .isEqualTo(naive.lines());
      ringsAreClosed();
    }
  }

  private void given(long seed) {
    random = new Random(seed);
    Set<String> directories = new TreeSet<>();
    bench.tmpfs("W", "/mnt");
    for (String top : TOPS) {
      for (String path : new String[] {"", "/x", "/y"}) {
        directories.add("/" + top + path);
        bench.mkdir("/mnt/" + top + path);
      }
    }
    naive = new NaiveMounts(directories);
    base = bench.at("/mnt").key();
    superblocks.put(0, bench.at("/mnt").superblock());
    if (random.nextBoolean()) {
      bench.propagation("/mnt", MountFlags.SHARED);
      naive.change(new At(naive.all.getFirst(), ""), PeerGroups.Type.SHARED, false);
    }
  }

  private String path() {
    StringBuilder path = new StringBuilder("/" + TOPS[random.nextInt(TOPS.length)]);
    for (int depth = random.nextInt(3); depth > 0; depth--) {
      path.append(random.nextBoolean() ? "/x" : "/y");
    }
    return path.toString();
  }

  private String step() {
    String first = path();
    String second = path();
    At one = naive.walk(first);
    At two = naive.walk(second);
    int kind = random.nextInt(10);
    String operation;
    boolean expected = one != null;
    Result result;
    if (kind < 2) {
      operation = "new " + first;
      if (expected) {
        naive.newMount(one, ++filesystems);
      }
      result = bench.tmpfs("T" + filesystems, "/mnt" + first);
      if (expected) {
        fill(first);
      }
    } else if (kind < 4) {
      boolean recursive = random.nextBoolean();
      operation = "bind " + first + " " + second + " " + recursive;
      expected = one != null && two != null && naive.bind(one, two, recursive);
      result = bench.bind("/mnt" + first, "/mnt" + second, recursive);
    } else if (kind < 7) {
      PeerGroups.Type type = PeerGroups.Type.values()[random.nextInt(4)];
      boolean recursive = random.nextInt(3) == 0;
      operation = type + " " + first + " " + recursive;
      expected = one != null && naive.change(one, type, recursive);
      result = bench.propagation("/mnt" + first, flag(type) | (recursive ? MountFlags.REC : 0));
    } else if (kind < 8) {
      operation = "move " + first + " " + second;
      expected = one != null && two != null && naive.move(one, two);
      result = bench.move("/mnt" + first, "/mnt" + second);
    } else {
      operation = "umount " + first;
      expected = one != null && naive.umount(one);
      result = bench.umount("/mnt" + first, MountBench.DETACH);
    }
    assertThat(result instanceof Result.Done).as("%s: %s", operation, result).isEqualTo(expected);
    return operation;
  }

  /** Directories for the new filesystem, unless something covers it already. */
  private void fill(String path) {
    At at = naive.walk(path);
    boolean visible = at != null && at.mount().fs == filesystems;
    naive.directories.put(filesystems, visible ? Set.of("/x", "/y") : Set.of());
    if (visible) {
      bench.mkdir("/mnt" + path + "/x");
      bench.mkdir("/mnt" + path + "/y");
    }
    for (Mount mount : bench.state.mounts.rows()) {
      if (Bytes.of("T" + filesystems).equals(mount.source())) {
        superblocks.put(filesystems, mount.superblock());
      }
    }
  }

  private static long flag(PeerGroups.Type type) {
    return switch (type) {
      case SHARED -> MountFlags.SHARED;
      case PRIVATE -> MountFlags.PRIVATE;
      case SLAVE -> MountFlags.SLAVE;
      case UNBINDABLE -> MountFlags.UNBINDABLE;
    };
  }

  /** The engine's mounts below /mnt, in the words of {@link NaiveMounts#lines}. */
  private List<String> lines() {
    KernelState state = bench.state;
    Mount top = state.mounts.require(base);
    TreeMap<String, Mount> byPlace = new TreeMap<>();
    for (Mount mount : MountTree.tree(state, top)) {
      byPlace.put(chain(mount, top.key()), mount);
    }
    List<String> lines = new ArrayList<>();
    Map<Integer, Integer> numbers = new HashMap<>();
    byPlace.forEach(
        (chain, mount) -> {
          String text = chain;
          if (mount.shared()) {
            text +=
                " shared:" + numbers.computeIfAbsent(mount.peerGroup(), g -> numbers.size() + 1);
          }
          if (mount.slave()) {
            int group = state.mounts.require(mount.master()).peerGroup();
            text += " master:" + numbers.computeIfAbsent(group, g -> numbers.size() + 1);
          }
          lines.add(mount.unbindable() ? text + " unbindable" : text);
        });
    return lines;
  }

  private String chain(Mount mount, long top) {
    KernelState state = bench.state;
    int fs = -1;
    for (Map.Entry<Integer, Long> entry : superblocks.entrySet()) {
      fs = entry.getValue() == mount.superblock() ? entry.getKey() : fs;
    }
    String own = fs + ":" + inside(mount.root());
    return mount.key() == top
        ? own
        : chain(state.mounts.require(mount.parent()), top)
            + " > "
            + inside(mount.mountpoint())
            + " = "
            + own;
  }

  private String inside(long dentry) {
    String path = PathText.inFilesystem(bench.state, dentry).latin1();
    return path.equals("/") ? "" : path;
  }

  /** Rings are closed both ways, of one group; slaves have masters that are shared. */
  private void ringsAreClosed() {
    KernelState state = bench.state;
    for (Mount mount : state.mounts.rows()) {
      if (mount.shared()) {
        Mount next = state.mounts.require(mount.nextPeer());
        assertThat(next.peerGroup()).isEqualTo(mount.peerGroup());
        assertThat(next.previousPeer()).isEqualTo(mount.key());
        assertThat(PeerGroups.ring(state, mount))
            .hasSize(state.mountsByPeerGroup.count(mount.peerGroup()));
      }
      if (mount.slave()) {
        assertThat(state.mounts.require(mount.master()).shared()).isTrue();
      }
    }
  }
}

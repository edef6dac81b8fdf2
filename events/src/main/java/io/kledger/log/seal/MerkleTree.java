package io.kledger.log.seal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tree of RFC 6962: roots as leaves come, and proofs. Used by one thread. */
public final class MerkleTree {
  /** Leaves by index. */
  @FunctionalInterface
  public interface Leaves {
    /** The hash of a leaf, 32 bytes. */
    byte[] leaf(long index);
  }

  private final Hashes hashes = new Hashes();

  /** Roots of the whole subtrees that the leaves so far make up, the largest first. */
  private final List<byte[]> roots = new ArrayList<>();

  private long size;

  /** Adds the hash of a leaf. */
  public void add(byte[] leaf) {
    byte[] node = leaf;
    for (long n = size; (n & 1) == 1; n >>= 1) {
      node = hashes.node(roots.removeLast(), node);
    }
    roots.add(node);
    size++;
  }

  /** How many leaves there are. */
  public long size() {
    return size;
  }

  /** The root over all leaves so far. */
  public byte[] root() {
    if (roots.isEmpty()) {
      return hashes.empty();
    }
    byte[] root = roots.getLast();
    for (int i = roots.size() - 2; i >= 0; i--) {
      root = hashes.node(roots.get(i), root);
    }
    return root;
  }

  private static byte[] root(Hashes hashes, Leaves leaves, long from, long to) {
    MerkleTree tree = new MerkleTree();
    for (long i = from; i < to; i++) {
      tree.add(leaves.leaf(i));
    }
    return tree.root();
  }

  /** PATH(m, D[n]) of RFC 6962, section 2.1.1: from the leaf's neighbour to the root. */
  public static List<byte[]> inclusion(Leaves leaves, long index, long size) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("leaf " + index + " of " + size);
    }
    List<byte[]> path = new ArrayList<>();
    Hashes hashes = new Hashes();
    long from = 0;
    long to = size;
    while (to - from > 1) {
      long split = from + split(to - from);
      if (index < split) {
        path.addFirst(root(hashes, leaves, split, to));
        to = split;
      } else {
        path.addFirst(root(hashes, leaves, from, split));
        from = split;
      }
    }
    return path;
  }

  /** PROOF(m, D[n]) of RFC 6962, section 2.1.2. */
  public static List<byte[]> consistency(Leaves leaves, long first, long size) {
    if (first < 1 || first > size) {
      throw new IllegalArgumentException("tree of " + first + " within one of " + size);
    }
    List<byte[]> path = new ArrayList<>();
    Hashes hashes = new Hashes();
    long from = 0;
    long to = size;
    boolean whole = true;
    while (first != to) {
      long split = from + split(to - from);
      if (first <= split) {
        path.addFirst(root(hashes, leaves, split, to));
        to = split;
      } else {
        path.addFirst(root(hashes, leaves, from, split));
        from = split;
        whole = false;
      }
    }
    if (!whole) {
      path.addFirst(root(hashes, leaves, from, to));
    }
    return path;
  }

  /** The largest power of two below n. */
  private static long split(long n) {
    return Long.highestOneBit(n - 1);
  }

  /** Whether a leaf is at that index of the tree with that root (RFC 9162, section 2.1.3.2). */
  public static boolean includes(
      byte[] leaf, long index, long size, List<byte[]> path, byte[] root) {
    if (index < 0 || index >= size) {
      return false;
    }
    Hashes hashes = new Hashes();
    long fn = index;
    long sn = size - 1;
    byte[] node = leaf;
    for (byte[] next : path) {
      if (sn == 0) {
        return false;
      }
      if ((fn & 1) == 1 || fn == sn) {
        node = hashes.node(next, node);
        while ((fn & 1) == 0 && fn != 0) {
          fn >>= 1;
          sn >>= 1;
        }
      } else {
        node = hashes.node(node, next);
      }
      fn >>= 1;
      sn >>= 1;
    }
    return sn == 0 && Arrays.equals(node, root);
  }

  /** Whether the second tree begins with the first one (RFC 9162, section 2.1.4.2). */
  public static boolean consistent(
      long first, byte[] firstRoot, long size, byte[] root, List<byte[]> proof) {
    if (first == size) {
      return proof.isEmpty() && Arrays.equals(firstRoot, root);
    }
    if (first < 1 || first > size) {
      return false;
    }
    List<byte[]> path = new ArrayList<>(proof);
    if (Long.bitCount(first) == 1) {
      path.addFirst(firstRoot);
    }
    if (path.isEmpty()) {
      return false;
    }
    Hashes hashes = new Hashes();
    long fn = first - 1;
    long sn = size - 1;
    while ((fn & 1) == 1) {
      fn >>= 1;
      sn >>= 1;
    }
    byte[] one = path.getFirst();
    byte[] two = path.getFirst();
    for (byte[] next : path.subList(1, path.size())) {
      if (sn == 0) {
        return false;
      }
      if ((fn & 1) == 1 || fn == sn) {
        one = hashes.node(next, one);
        two = hashes.node(next, two);
        while ((fn & 1) == 0 && fn != 0) {
          fn >>= 1;
          sn >>= 1;
        }
      } else {
        two = hashes.node(two, next);
      }
      fn >>= 1;
      sn >>= 1;
    }
    return sn == 0 && Arrays.equals(one, firstRoot) && Arrays.equals(two, root);
  }
}

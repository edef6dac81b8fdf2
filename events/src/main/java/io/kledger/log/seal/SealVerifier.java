package io.kledger.log.seal;

import io.kledger.event.avro.Event;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Holds a machine's events against its seals, with nothing but the public key. Give it all events
 * in order, then ask. Memory does not grow with the log.
 */
public final class SealVerifier implements AutoCloseable {
  /**
   * What is wrong.
   *
   * @param position the first event that is not as it was sealed, or not there
   */
  public record Bad(long position, String why) {}

  private final String machine;
  private final List<SealKey> keys;
  private final List<Checkpoint> own;
  private final TreeMap<Long, List<Checkpoint>> bySize = new TreeMap<>();
  private final CanonicalEvent canonical = new CanonicalEvent();
  private final Hashes hashes = new Hashes();
  private final MerkleTree tree = new MerkleTree();
  private final MerkleTree sealedTree = new MerkleTree();
  private final SealFiles.Sequence leaves;
  private byte[] link;
  private long sound;
  private long differs;
  private Bad bad;

  /**
   * A verifier.
   *
   * @param keys public keys; a checkpoint must be signed by one of them; if empty, signatures are
   *     not checked
   * @param trusted checkpoints that were kept elsewhere: the log must still begin with them
   */
  public SealVerifier(
      String machine, SealFiles files, List<SealKey> keys, List<Checkpoint> trusted) {
    this.machine = machine;
    this.keys = List.copyOf(keys);
    List<Checkpoint> found = new ArrayList<>();
    try {
      found.addAll(files.checkpoints());
    } catch (SealException e) {
      bad(1, e.getMessage());
    }
    own = found;
    leaves = files.sequence();
    link = hashes.start(machine);
    Checkpoint before = null;
    for (Checkpoint checkpoint : own) {
      sequence(before, checkpoint);
      before = checkpoint;
    }
    for (Checkpoint checkpoint : trusted) {
      signature(1, "the trusted checkpoint", checkpoint);
      for (Checkpoint here : own) {
        if (here.epoch() == checkpoint.epoch() && !here.body().equals(checkpoint.body())) {
          bad(
              before(here) + 1,
              "epoch " + here.epoch() + " was sealed twice: the ledger was forked or sealed anew");
        }
      }
      if (!own.isEmpty() && checkpoint.epoch() > own.getLast().epoch()) {
        bad(
            own.getLast().size() + 1,
            "the seals end at epoch "
                + own.getLast().epoch()
                + ", the trusted checkpoint is of epoch "
                + checkpoint.epoch());
      }
    }
    own.forEach(this::expect);
    trusted.forEach(this::expect);
  }

  private long before(Checkpoint checkpoint) {
    long size = 0;
    for (Checkpoint other : own) {
      size = other.epoch() < checkpoint.epoch() ? Math.max(size, other.size()) : size;
    }
    return size;
  }

  private void expect(Checkpoint checkpoint) {
    bySize.computeIfAbsent(checkpoint.size(), size -> new ArrayList<>()).add(checkpoint);
  }

  private void sequence(Checkpoint before, Checkpoint checkpoint) {
    long from = before == null ? 1 : before.size() + 1;
    String name = "checkpoint " + checkpoint.epoch();
    signature(from, name, checkpoint);
    long epoch = before == null ? 1 : before.epoch() + 1;
    byte[] previous = before == null ? new byte[Hashes.SIZE] : before.hash();
    if (checkpoint.epoch() != epoch) {
      bad(from, name + " follows epoch " + (epoch - 1));
    } else if (!Arrays.equals(checkpoint.previous(), previous)) {
      bad(from, name + " was made after another checkpoint " + (epoch - 1));
    } else if (before != null && checkpoint.size() <= before.size()) {
      bad(from, name + " covers no more than the one before");
    }
  }

  private void signature(long from, String name, Checkpoint checkpoint) {
    if (!checkpoint.machine().equals(machine)) {
      bad(from, name + " is of machine " + checkpoint.machine());
    } else if (!keys.isEmpty() && !checkpoint.signedBy(keys)) {
      bad(from, name + " has no valid signature of " + keys);
    }
  }

  private void bad(long position, String why) {
    if (bad == null || position < bad.position()) {
      bad = new Bad(position, why);
    }
  }

  /** The last sealed position. */
  public long sealed() {
    return own.isEmpty() ? 0 : own.getLast().size();
  }

  /** How many checkpoints there are. */
  public int checkpoints() {
    return own.size();
  }

  /**
   * The states that the ledger's own checkpoints say its events come to, by position. They are as
   * good as the checkpoints: ask when {@link #finish} found nothing.
   */
  public SortedMap<Long, Checkpoint.State> states() {
    SortedMap<Long, Checkpoint.State> states = new TreeMap<>();
    for (Checkpoint checkpoint : own) {
      if (checkpoint.state() != null) {
        states.put(checkpoint.size(), checkpoint.state());
      }
    }
    return states;
  }

  /** Takes the next event. */
  public void add(Event event) {
    byte[] leaf = hashes.leaf(canonical.bytes(event));
    tree.add(leaf);
    link = hashes.link(link, leaf);
    long position = tree.size();
    if (position <= sealed()) {
      byte[] then = leaves.next();
      if (then != null) {
        sealedTree.add(then);
      }
      if (differs == 0 && !Arrays.equals(leaf, then)) {
        differs = position;
      }
    }
    for (Checkpoint checkpoint : bySize.getOrDefault(position, List.of())) {
      hold(checkpoint);
    }
  }

  private void hold(Checkpoint checkpoint) {
    boolean root = Arrays.equals(tree.root(), checkpoint.root());
    boolean chain = Arrays.equals(link, checkpoint.chain());
    if (root && chain) {
      sound = Math.max(sound, tree.size());
      return;
    }
    boolean told =
        sealedTree.size() == tree.size() && Arrays.equals(sealedTree.root(), checkpoint.root());
    if (told && differs > 0) {
      bad(differs, "the event is not the one that was sealed");
    } else {
      bad(
          sound + 1,
          "events @"
              + (sound + 1)
              + " to @"
              + checkpoint.size()
              + " are not those of checkpoint "
              + checkpoint.epoch());
    }
  }

  /** The log could not be read beyond what was given. */
  public void damaged(long position, String why) {
    bad(position, why);
  }

  /** What is wrong first; null if all is as it was sealed. */
  public Bad finish() {
    if (!bySize.isEmpty() && tree.size() < bySize.lastKey()) {
      long end = tree.size();
      String why = "the log ends at @" + end + ", but events up to @" + bySize.lastKey();
      boolean earlier = differs > 0 && differs <= end;
      bad(end + 1, why + " were sealed");
      if (earlier) {
        bad(differs, "the event is not the one that was sealed, or the file of hashes is damaged");
      }
    }
    if (bad == null && differs > 0) {
      bad(differs, "the file of hashes is damaged; the log is as its checkpoints say");
    }
    return bad;
  }

  @Override
  public void close() {
    leaves.close();
  }
}

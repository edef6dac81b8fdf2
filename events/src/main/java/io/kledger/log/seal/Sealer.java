package io.kledger.log.seal;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Seals what a machine's log has beyond its last checkpoint. What was sealed is never read again,
 * let alone sealed anew: an old entry keeps its first hash.
 */
public final class Sealer {
  private final SealFiles files;
  private final SealKey key;
  private final KeyEpochs epochs;

  /**
   * A sealer.
   *
   * @param epochs what this key has sealed so far, kept beside it
   */
  public Sealer(SealFiles files, SealKey key, KeyEpochs epochs) {
    this.files = files;
    this.key = key;
    this.epochs = epochs;
  }

  /** What the events up to a position come to, for a checkpoint to say. */
  @FunctionalInterface
  public interface States {
    /** The state after that event; null if it is not to be sealed. */
    Checkpoint.State at(long position);
  }

  /**
   * Adds a checkpoint over all acknowledged events, without the state that they come to.
   *
   * @return the new checkpoint; the last one if there is nothing new; null if the log is empty
   * @throws SealException if the seals are not whole, or this key has sealed more than they show
   */
  public Checkpoint seal(EventLog log, MachineId machine) {
    return seal(log, machine, position -> null);
  }

  /**
   * Adds a checkpoint over all acknowledged events.
   *
   * @return the new checkpoint; the last one if there is nothing new; null if the log is empty
   * @throws SealException if the seals are not whole, or this key has sealed more than they show
   */
  public Checkpoint seal(EventLog log, MachineId machine, States states) {
    List<Checkpoint> before = files.checkpoints();
    Checkpoint last = before.isEmpty() ? null : before.getLast();
    epochs.require(machine.name(), last);
    long end = log.end(machine);
    long sealed = last == null ? 0 : last.size();
    if (end < sealed) {
      throw new SealException(
          "the log of " + machine + " ends at @" + end + ", but " + sealed + " events are sealed");
    }
    if (end == sealed) {
      return last;
    }
    Hashes hashes = new Hashes();
    MerkleTree tree = new MerkleTree();
    byte[] link = resume(machine, last, tree, hashes);
    CanonicalEvent canonical = new CanonicalEvent();
    try (SealFiles.Writer writer = files.writer(sealed);
        Cursor cursor = log.read(machine, sealed + 1)) {
      for (Event event = cursor.next();
          event != null && event.getPosition() <= end;
          event = cursor.next()) {
        byte[] leaf = hashes.leaf(canonical.bytes(event));
        writer.add(leaf);
        tree.add(leaf);
        link = hashes.link(link, leaf);
      }
      writer.force();
    } catch (IOException e) {
      throw new SealException("cannot write the file of hashes: " + e.getMessage());
    }
    Checkpoint next =
        Checkpoint.of(machine.name(), tree.size(), tree.root(), link, last, states.at(tree.size()))
            .signed(key);
    epochs.note(next);
    files.append(next);
    return next;
  }

  private byte[] resume(MachineId machine, Checkpoint last, MerkleTree tree, Hashes hashes) {
    byte[] link = hashes.start(machine.name());
    if (last == null) {
      return link;
    }
    try (SealFiles.Sequence leaves = files.sequence()) {
      for (long i = 0; i < last.size(); i++) {
        byte[] leaf = leaves.next();
        if (leaf == null) {
          throw new SealException("the file of hashes ends before event @" + (i + 1));
        }
        tree.add(leaf);
        link = hashes.link(link, leaf);
      }
    }
    if (!Arrays.equals(tree.root(), last.root()) || !Arrays.equals(link, last.chain())) {
      throw new SealException(
          "the file of hashes is not that of checkpoint " + last.epoch() + "; verify the ledger");
    }
    return link;
  }
}

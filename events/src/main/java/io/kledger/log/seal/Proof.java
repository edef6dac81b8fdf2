package io.kledger.log.seal;

import java.util.ArrayList;
import java.util.List;

/**
 * A proof that can be checked without the ledger, as text: that an event is in a sealed log (C2SP's
 * tlog-proof, with the event's canonical bytes as {@code extra}), or that a later checkpoint covers
 * an earlier one.
 */
public sealed interface Proof {
  /** Of an event. */
  record Inclusion(byte[] event, long index, List<byte[]> path, Checkpoint checkpoint)
      implements Proof {}

  /** Of two checkpoints. */
  record Consistency(Checkpoint first, List<byte[]> path, Checkpoint second) implements Proof {}

  /** First line of the one kind. */
  String INCLUSION = "c2sp.org/tlog-proof@v1";

  /** First line of the other kind. */
  String CONSISTENCY = "kledger/consistency-proof@v1";

  /** The text. */
  default String text() {
    StringBuilder out = new StringBuilder();
    switch (this) {
      case Inclusion in -> {
        out.append(INCLUSION + "\nextra " + Checkpoint.base64(in.event) + "\n");
        out.append("index " + in.index + "\n");
        in.path.forEach(hash -> out.append(Checkpoint.base64(hash)).append('\n'));
        out.append('\n').append(in.checkpoint.text());
      }
      case Consistency two -> {
        out.append(CONSISTENCY + "\n");
        two.path.forEach(hash -> out.append(Checkpoint.base64(hash)).append('\n'));
        out.append('\n').append(two.first.text()).append("----\n").append(two.second.text());
      }
    }
    return out.toString();
  }

  /**
   * Reads a proof.
   *
   * @throws SealException if it is none
   */
  static Proof parse(String text) {
    int end = text.indexOf("\n\n");
    if (end < 0) {
      throw new SealException("not a proof: no empty line");
    }
    String[] head = text.substring(0, end).split("\n");
    String rest = text.substring(end + 2);
    boolean inclusion = head[0].equals(INCLUSION);
    if (!inclusion && !head[0].equals(CONSISTENCY)) {
      throw new SealException("not a proof: the first line is \"" + head[0] + "\"");
    }
    int from = inclusion ? 3 : 1;
    List<byte[]> path = new ArrayList<>();
    for (int i = from; i < head.length; i++) {
      path.add(Checkpoint.decode(head[i]));
    }
    if (path.stream().anyMatch(hash -> hash.length != Hashes.SIZE)) {
      throw new SealException("not a proof: a line is no hash");
    }
    if (!inclusion) {
      int between = rest.indexOf("----\n");
      if (between < 0) {
        throw new SealException("not a proof: it needs two checkpoints");
      }
      return new Consistency(
          Checkpoint.parse(rest.substring(0, between)),
          path,
          Checkpoint.parse(rest.substring(between + 5)));
    }
    if (head.length < 3
        || !head[1].startsWith("extra ")
        || !head[2].matches("index (0|[1-9][0-9]{0,17})")) {
      throw new SealException("not a proof: expected the lines extra and index");
    }
    return new Inclusion(
        Checkpoint.decode(head[1].substring(6)),
        Long.parseLong(head[2].substring(6)),
        path,
        Checkpoint.parse(rest));
  }

  /** Null if it proves what it says, else what is wrong. */
  default String wrong(List<SealKey> keys) {
    return switch (this) {
      case Inclusion in -> {
        if (!in.checkpoint.signedBy(keys)) {
          yield "the checkpoint has no valid signature of " + keys;
        }
        byte[] leaf = new Hashes().leaf(in.event);
        Checkpoint c = in.checkpoint;
        yield MerkleTree.includes(leaf, in.index, c.size(), in.path, c.root())
            ? null
            : "the event is not number " + (in.index + 1) + " of the sealed log";
      }
      case Consistency two -> {
        if (!two.first.signedBy(keys) || !two.second.signedBy(keys)) {
          yield "a checkpoint has no valid signature of " + keys;
        }
        yield two.first.origin().equals(two.second.origin())
                && MerkleTree.consistent(
                    two.first.size(),
                    two.first.root(),
                    two.second.size(),
                    two.second.root(),
                    two.path)
            ? null
            : "the later checkpoint does not cover the earlier one";
      }
    };
  }
}

package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.Blob;
import io.kledger.kernel.file.Inode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Blobs of all stores: digest, size, state, how often they are open. */
public final class BlobsView {
  private BlobsView() {}

  /** Lines of the scenario view: {@code DIGEST|- STATE size=N open=N [corrupt=BLOCK]}. */
  public static List<String> lines(KernelState state) {
    TreeSet<String> lines = new TreeSet<>();
    for (Blob blob : state.blobs.rows()) {
      Inode inode = state.inodes.get(blob.key());
      lines.add(
          (blob.digest().isEmpty() ? "-" : blob.digest().latin1())
              + " "
              + blob.state()
              + " size="
              + (inode == null ? 0 : inode.size())
              + " open="
              + state.descriptionsByInode.count(blob.key())
              + (blob.corrupt() < 0 ? "" : " corrupt=" + blob.corrupt()));
    }
    return new ArrayList<>(lines);
  }
}

package io.kledger.check;

import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.path.PathText;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Numbers of inodes that no line of a trace shows: the recording tells them by the path that some
 * task has the file open by.
 */
final class RecordedInodes {
  private final KernelState state;
  private final Map<String, Long> byPath = new TreeMap<>();

  RecordedInodes(KernelState state, SnapshotFiles snapshot) {
    this.state = state;
    byte[] text = snapshot.files().get("inodes");
    if (text == null) {
      return;
    }
    for (String line : new String(text, StandardCharsets.ISO_8859_1).split("\n")) {
      int tab = line.indexOf('\t');
      int colon = tab < 0 ? -1 : line.lastIndexOf(':', tab);
      if (colon > 0) {
        byPath.put(line.substring(tab + 1), Long.parseLong(line.substring(colon + 1, tab)));
      }
    }
  }

  /** The number of an inode; the recorded one if the engine knows none. */
  long number(Inode inode) {
    if (inode.number() != 0) {
      return inode.number();
    }
    for (long key : state.descriptionsByInode.keys(inode.key())) {
      OpenFileDescription file = state.descriptions.get(key);
      String path = PathText.fromTop(state, file.place()).latin1().replace('\t', ' ');
      Long number = byPath.get(path);
      if (number != null) {
        return number;
      }
    }
    return 0;
  }
}

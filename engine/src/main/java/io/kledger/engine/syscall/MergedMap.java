package io.kledger.engine.syscall;

import io.kledger.event.Bytes;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.ns.UserNamespace.IdExtent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Extents of a proposed idmapping that may lead several ids of the filesystem to one of the mount:
 * <code>[{type=UID, fs=, mnt=, count=}, ...]</code>.
 */
record MergedMap(List<IdExtent> uids, List<IdExtent> gids) {
  /** Extents of one kind, as in uid_map. */
  private static final int MOST = 340;

  static MergedMap of(Raw text) {
    String list = Bytes.of(text.getText()).latin1().strip();
    List<IdExtent> uids = new ArrayList<>();
    List<IdExtent> gids = new ArrayList<>();
    String inner = list.length() < 2 ? "" : list.substring(1, list.length() - 1);
    for (String part : RawStruct.split(inner)) {
      RawStruct extent = RawStruct.of(new Raw(Bytes.of(part).toBuffer()));
      if (extent != null) {
        boolean group = "GID".equals(extent.member("type"));
        (group ? gids : uids)
            .add(
                new IdExtent(
                    (int) extent.number("fs"),
                    (int) extent.number("mnt"),
                    (int) extent.number("count")));
      }
    }
    return new MergedMap(uids, gids);
  }

  boolean empty() {
    return uids.isEmpty() && gids.isEmpty();
  }

  /** Not empty, not too many, no two of the filesystem's side overlap. */
  boolean valid() {
    return !empty() && apart(uids) && apart(gids);
  }

  private static boolean apart(List<IdExtent> extents) {
    if (extents.size() > MOST) {
      return false;
    }
    List<IdExtent> sorted = new ArrayList<>(extents);
    sorted.sort(Comparator.comparingLong(e -> Integer.toUnsignedLong(e.inside())));
    long end = 0;
    for (IdExtent extent : sorted) {
      long first = Integer.toUnsignedLong(extent.inside());
      long count = Integer.toUnsignedLong(extent.count());
      boolean past =
          first + count > 1L << 32 || Integer.toUnsignedLong(extent.outside()) + count > 1L << 32;
      if (count == 0 || first < end || past) {
        return false;
      }
      end = first + count;
    }
    return true;
  }
}

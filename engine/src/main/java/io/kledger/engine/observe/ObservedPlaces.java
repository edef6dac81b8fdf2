package io.kledger.engine.observe;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Dcache;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;

/**
 * Paths that /proc printed, as places: they exist, so what the ledger lacks on the way is inferred.
 */
final class ObservedPlaces {
  private static final Bytes DELETED = Bytes.of(" (deleted)");

  private ObservedPlaces() {}

  /**
   * The place of a path from the top of a mount namespace.
   *
   * @param type S_IFMT bits of what is there, 0 if not known
   * @param ino its inode number, 0 if not known
   */
  static Place at(CallContext context, long mountNs, Bytes path, int type, long ino, long nlink) {
    KernelState state = context.state();
    Namespace ns = state.namespaces.get(mountNs);
    Mount top = ns == null ? null : topOf(state, state.mounts.get(ns.root()));
    if (top == null || path.isEmpty() || path.at(0) != '/') {
      return Place.UNKNOWN;
    }
    boolean gone = nlink == 0 && path.endsWith(DELETED);
    Bytes names = gone ? path.slice(0, path.length() - DELETED.length()) : path;
    Place at = new Place(top.key(), top.root());
    int from = 1;
    while (from < names.length()) {
      int slash = names.indexOf('/', from);
      int end = slash < 0 ? names.length() : slash;
      boolean last = end == names.length();
      at = step(context, at, names.slice(from, end), last ? type : Inode.S_IFDIR, last && gone);
      from = end + 1;
    }
    number(context, at, type, ino);
    return at;
  }

  private static Place step(CallContext context, Place at, Bytes name, int type, boolean gone) {
    KernelState state = context.state();
    Dentry child = gone ? null : state.child(at.dentry(), name);
    if (child == null || child.inode() == 0) {
      child = Dcache.inferChild(context, at.dentry(), name, type);
      if (gone) {
        child =
            new Dentry(
                child.key(), child.superblock(), child.parent(), child.name(), child.inode(), true);
        context.put(Tables.DENTRIES, child);
      }
    }
    Mount on = topOf(state, state.mountAt(at.mount(), child.key()));
    return on == null ? new Place(at.mount(), child.key()) : new Place(on.key(), on.root());
  }

  private static Mount topOf(KernelState state, Mount mount) {
    Mount top = mount;
    while (top != null) {
      Mount over = state.mountAt(top.key(), top.root());
      if (over == null) {
        break;
      }
      top = over;
    }
    return top;
  }

  private static void number(CallContext context, Place place, int mode, long ino) {
    Dentry dentry = context.state().dentries.get(place.dentry());
    Inode inode = dentry == null ? null : context.state().inodes.get(dentry.inode());
    if (inode != null && inode.number() == 0 && ino != 0) {
      Inode numbered = inode.withNumber(ino);
      context.put(Tables.INODES, inode.mode() == 0 ? numbered.withMode(mode) : numbered);
    }
  }
}

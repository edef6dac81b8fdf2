package io.kledger.engine.xattr;

import io.kledger.abi.Errno;
import io.kledger.event.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * An access control list as {@code system.posix_acl_access} holds it: posix_acl_from_xattr(),
 * posix_acl_valid(), posix_acl_equiv_mode().
 */
public final class PosixAcl {
  private static final int HEADER = 4;
  private static final int ENTRY = 8;
  private static final int VERSION = 2;
  private static final int USER_OBJ = 0x01;
  private static final int USER = 0x02;
  private static final int GROUP_OBJ = 0x04;
  private static final int GROUP = 0x08;
  private static final int MASK = 0x10;
  private static final int OTHER = 0x20;

  /** ACL_UNDEFINED_ID: of an entry without an id, or with one that the reader cannot name. */
  private static final int NO_ID = -1;

  private final List<Entry> entries;

  private record Entry(int tag, int permissions, int id) {
    boolean named() {
      return tag == USER || tag == GROUP;
    }
  }

  /** What an id is somewhere else; -1 if nothing. */
  public interface Translation {
    int of(int id, boolean group);
  }

  /** Who asks for permission. */
  public interface Asker {
    boolean user(int uid);

    boolean member(int gid);
  }

  private PosixAcl(List<Entry> entries) {
    this.entries = entries;
  }

  /** Why a value cannot be decoded; 0 if it can. */
  public static int decodeError(Bytes value) {
    if (value.length() < HEADER) {
      return Errno.EINVAL;
    }
    if (word(value, 0) != VERSION) {
      return Errno.EOPNOTSUPP;
    }
    if ((value.length() - HEADER) % ENTRY != 0) {
      return Errno.EINVAL;
    }
    for (int at = HEADER; at < value.length(); at += ENTRY) {
      int tag = half(value, at);
      if (tag != USER && tag != GROUP && !single(tag)) {
        return Errno.EINVAL;
      }
    }
    return 0;
  }

  /** Decodes a value; null if it holds no entry, which means to remove the list. */
  public static PosixAcl decode(Bytes value) {
    List<Entry> entries = new ArrayList<>();
    for (int at = HEADER; at + ENTRY <= value.length(); at += ENTRY) {
      entries.add(new Entry(half(value, at), half(value, at + 2), word(value, at + 4)));
    }
    return entries.isEmpty() ? null : new PosixAcl(entries);
  }

  /** posix_acl_valid(): the entries in their order, one of each that must be there. */
  public boolean valid() {
    int last = 0;
    int seen = 0;
    boolean named = false;
    for (Entry entry : entries) {
      boolean many = entry.tag == USER || entry.tag == GROUP;
      boolean known = many || single(entry.tag);
      if (!known || (entry.permissions & ~7) != 0 || entry.tag < last) {
        return false;
      }
      if (entry.tag == last && !many) {
        return false;
      }
      named |= many;
      last = entry.tag;
      seen |= entry.tag;
    }
    int base = USER_OBJ | GROUP_OBJ | OTHER;
    return (seen & base) == base && (!named || (seen & MASK) != 0);
  }

  /** The same list with other ids. */
  public PosixAcl translated(Translation translation) {
    List<Entry> other = new ArrayList<>();
    for (Entry e : entries) {
      int id = e.named() ? translation.of(e.id, e.tag == GROUP) : NO_ID;
      other.add(new Entry(e.tag, e.permissions, id));
    }
    return new PosixAcl(other);
  }

  /** Whether each named entry names somebody. */
  public boolean complete() {
    return entries.stream().noneMatch(e -> e.named() && e.id == NO_ID);
  }

  /** The value of the attribute: posix_acl_to_xattr(). */
  public Bytes encode() {
    byte[] bytes = new byte[HEADER + ENTRY * entries.size()];
    bytes[0] = VERSION;
    int at = HEADER;
    for (Entry e : entries) {
      bytes[at] = (byte) e.tag;
      bytes[at + 2] = (byte) e.permissions;
      for (int i = 0; i < 4; i++) {
        bytes[at + 4 + i] = (byte) (e.id >>> (8 * i));
      }
      at += ENTRY;
    }
    return Bytes.wrap(bytes);
  }

  /**
   * posix_acl_permission(): whether the list grants what is wanted.
   *
   * @param owner whether the asker owns the file
   * @param group whether the asker is in the group of the file
   * @param wanted of {@code rwx} as mode bits 0 to 7
   */
  public boolean grants(Asker asker, boolean owner, boolean group, int wanted) {
    boolean found = false;
    for (Entry e : entries) {
      boolean all = (e.permissions & wanted) == wanted;
      switch (e.tag) {
        case USER_OBJ -> {
          if (owner) {
            return all;
          }
        }
        case USER -> {
          if (e.id != NO_ID && asker.user(e.id)) {
            return all && masked(wanted);
          }
        }
        case GROUP_OBJ, GROUP -> {
          boolean member = e.tag == GROUP_OBJ ? group : e.id != NO_ID && asker.member(e.id);
          found |= member;
          if (member && all) {
            return masked(wanted);
          }
        }
        case OTHER -> {
          return !found && all;
        }
        default -> {}
      }
    }
    return false;
  }

  private boolean masked(int wanted) {
    return entries.stream().noneMatch(e -> e.tag == MASK && (e.permissions & wanted) != wanted);
  }

  private static boolean single(int tag) {
    return tag == USER_OBJ || tag == GROUP_OBJ || tag == MASK || tag == OTHER;
  }

  /** Whether it says no more than mode bits can. */
  public boolean equivalentToMode() {
    return entries.stream().noneMatch(e -> e.tag == USER || e.tag == GROUP || e.tag == MASK);
  }

  /** The nine mode bits that it stands for: a mask takes the place of the group's. */
  public int mode() {
    int mode = 0;
    boolean masked = entries.stream().anyMatch(e -> e.tag == MASK);
    for (Entry entry : entries) {
      if (entry.tag == USER_OBJ) {
        mode |= entry.permissions << 6;
      } else if (entry.tag == MASK || entry.tag == GROUP_OBJ && !masked) {
        mode |= entry.permissions << 3;
      } else if (entry.tag == OTHER) {
        mode |= entry.permissions;
      }
    }
    return mode;
  }

  private static int half(Bytes value, int at) {
    return value.at(at) & 0xff | (value.at(at + 1) & 0xff) << 8;
  }

  private static int word(Bytes value, int at) {
    return half(value, at) | half(value, at + 2) << 16;
  }
}

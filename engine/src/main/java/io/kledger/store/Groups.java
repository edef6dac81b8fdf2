package io.kledger.store;

/**
 * The groups of an index, by open addressing: of a group with one member, which most have, its key;
 * of others a {@link LongRun}. A place in it is good until a group is added or removed.
 */
final class Groups {
  private static final int MIN = 16;

  private long[] groups = new long[MIN];

  /** The member of a group that has only one. */
  private long[] singles = new long[MIN];

  /** The members of a group that has, or had, several; null until the first group has. */
  private LongRun[] runs;

  private int shift = shift(MIN);
  private int size;
  private int recent;

  /** The place of a group, or -1. Group 0 has none. */
  int find(long group) {
    long[] table = groups;
    int i = recent;
    if (table[i] == group) {
      return group == 0 ? -1 : i;
    }
    int mask = table.length - 1;
    for (i = home(group); ; i = (i + 1) & mask) {
      long g = table[i];
      if (g == group) {
        if (group == 0) {
          return -1;
        }
        recent = i;
        return i;
      }
      if (g == 0) {
        return -1;
      }
    }
  }

  /** The members of a group with several, else null. */
  LongRun run(int place) {
    return runs == null ? null : runs[place];
  }

  /** The member of a group without a run. */
  long single(int place) {
    return singles[place];
  }

  int count(int place) {
    LongRun run = run(place);
    return run == null ? 1 : run.size();
  }

  long key(int place, int index) {
    LongRun run = run(place);
    if (run != null) {
      return run.key(index);
    }
    if (index != 0) {
      throw new IndexOutOfBoundsException(index);
    }
    return singles[place];
  }

  /** The members in index order: a copy. */
  long[] keys(int place) {
    LongRun run = run(place);
    return run == null ? new long[] {singles[place]} : run.toArray();
  }

  /** From now on the group has several members. */
  void several(int place, LongRun members) {
    if (runs == null) {
      runs = new LongRun[groups.length];
    }
    runs[place] = members;
  }

  /** Adds a group that is not there, with one member. */
  void insert(long group, long member) {
    if (++size * 3 > groups.length * 2) {
      resize(groups.length * 2);
    }
    int mask = groups.length - 1;
    int i = home(group);
    while (groups[i] != 0) {
      i = (i + 1) & mask;
    }
    groups[i] = group;
    singles[i] = member;
    recent = i;
  }

  void remove(int place) {
    int mask = groups.length - 1;
    int hole = place;
    for (int j = (place + 1) & mask; groups[j] != 0; j = (j + 1) & mask) {
      if (((j - home(groups[j])) & mask) >= ((j - hole) & mask)) {
        groups[hole] = groups[j];
        singles[hole] = singles[j];
        if (runs != null) {
          runs[hole] = runs[j];
        }
        hole = j;
      }
    }
    groups[hole] = 0;
    if (runs != null) {
      runs[hole] = null;
    }
    size--;
  }

  private void resize(int capacity) {
    long[] oldGroups = groups;
    long[] oldSingles = singles;
    LongRun[] oldRuns = runs;
    groups = new long[capacity];
    singles = new long[capacity];
    runs = oldRuns == null ? null : new LongRun[capacity];
    shift = shift(capacity);
    recent = 0;
    int mask = capacity - 1;
    for (int j = 0; j < oldGroups.length; j++) {
      long group = oldGroups[j];
      if (group != 0) {
        int i = home(group);
        while (groups[i] != 0) {
          i = (i + 1) & mask;
        }
        groups[i] = group;
        singles[i] = oldSingles[j];
        if (oldRuns != null) {
          runs[i] = oldRuns[j];
        }
      }
    }
  }

  private int home(long group) {
    return (int) (group * 0x9E3779B97F4A7C15L >>> shift);
  }

  private static int shift(int capacity) {
    return 64 - Integer.numberOfTrailingZeros(capacity);
  }
}

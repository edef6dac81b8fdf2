package io.kledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The containers beside maps and sets of the library. */
class TableModelTest {
  @Test
  void aLongMapIsAMap() {
    for (long seed = 1; seed <= 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      LongMap<Integer> map = new LongMap<>();
      TreeMap<Long, Integer> model = new TreeMap<>();
      long stride = seed % 2 == 0 ? 1 : 1L << 30;
      for (int i = 0; i < 3000; i++) {
        long key = (1 + random.nextInt(400)) * stride;
        switch (random.nextInt(6)) {
          case 5 -> {
            map.putFirst(key, i);
            model.putIfAbsent(key, i);
          }
          case 0, 1 -> assertThat(map.put(key, i)).as("seed %d", seed).isEqualTo(model.put(key, i));
          case 2 -> assertThat(map.remove(key)).as("seed %d", seed).isEqualTo(model.remove(key));
          case 3 -> assertThat(map.get(key)).as("seed %d", seed).isEqualTo(model.get(key));
          default ->
              assertThat(map.contains(key)).as("seed %d", seed).isEqualTo(model.containsKey(key));
        }
        assertThat(map.size()).isEqualTo(model.size());
      }
      assertThat(map.sortedKeys())
          .as("seed %d", seed)
          .isEqualTo(model.keySet().stream().mapToLong(Long::longValue).toArray());
    }
  }

  @Test
  void aLongRunIsASortedSet() {
    record Member(long order, long key) {}
    for (long seed = 1; seed <= 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      boolean ordered = seed % 2 == 0;
      LongRun run = new LongRun(ordered);
      TreeSet<Member> model =
          new TreeSet<>(Comparator.comparingLong(Member::order).thenComparingLong(Member::key));
      for (int i = 0; i < 2000; i++) {
        long key = 1 + random.nextInt(50);
        Member member = new Member(ordered ? random.nextInt(-5, 5) : key, key);
        if (random.nextInt(5) < 3) {
          run.add(member.order(), member.key());
          model.add(member);
        } else {
          run.remove(member.order(), member.key());
          model.remove(member);
        }
        assertThat(run.toArray())
            .as("seed %d, step %d", seed, i)
            .isEqualTo(model.stream().mapToLong(Member::key).toArray());
      }
    }
  }
}

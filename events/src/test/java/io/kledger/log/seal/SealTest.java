package io.kledger.log.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.Marker;
import io.kledger.log.Appender;
import io.kledger.log.Cursor;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.LogOptions;
import io.kledger.log.SampleEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealTest {
  private static final MachineId MACHINE = new MachineId("m");
  private static final int EVENTS = 240;
  private static final LogOptions OPTIONS =
      LogOptions.DEFAULTS
          .withBatchBytes(600)
          .withSegmentBytes(2500)
          .withSync(false)
          .withNotices(notice -> {});
  private static final SealKey[] KEY = SealKey.generate("auditor.example/key");
  private static final SealKey[] OTHER = SealKey.generate("auditor.example/key");

  @TempDir private Path temp;

  private static EventLog open(Path ledger) {
    return EventLog.open(new LedgerUri.Directory(ledger), OPTIONS);
  }

  private static SealFiles files(Path ledger) {
    return new SealFiles(ledger.resolve("seals"));
  }

  /** Events up to {@code to}; the one at {@code changed} is another. */
  private static void append(Path ledger, long to, long changed) {
    try (EventLog log = open(ledger);
        Appender appender = log.appender(MACHINE)) {
      while (appender.next() <= to) {
        long n = appender.next();
        Event event = SampleEvents.nth(n);
        if (n == changed) {
          event = new Event(0L, 0L, -1L, 0, 0, 0L, new Marker("changed"));
        }
        appender.append(event);
      }
      appender.commit();
    }
  }

  private static Checkpoint seal(Path ledger, SealKey key, Path epochs) {
    try (EventLog log = open(ledger)) {
      return new Sealer(files(ledger), key, new KeyEpochs(epochs)).seal(log, MACHINE);
    }
  }

  private static SealVerifier.Bad verify(Path ledger, List<Checkpoint> trusted) {
    try (SealVerifier verifier = new SealVerifier("m", files(ledger), List.of(KEY[1]), trusted)) {
      long position = 0;
      try (EventLog log = open(ledger);
          Cursor cursor = log.read(MACHINE, 1)) {
        for (Event event = cursor.next(); event != null; event = cursor.next()) {
          verifier.add(event);
          position++;
        }
      } catch (LogException e) {
        verifier.damaged(position + 1, e.getMessage());
      }
      return verifier.finish();
    }
  }

  private static void sealedInSteps(Path ledger, long changed, SealKey key, Path epochs) {
    for (long to : new long[] {70, 71, 150, EVENTS}) {
      append(ledger, to, changed);
      seal(ledger, key, epochs);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private static List<Path> find(Path ledger, String ending) throws IOException {
    try (Stream<Path> paths = Files.walk(ledger)) {
      return paths.filter(p -> p.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void aSoundLedgerVerifies() {
    Path ledger = temp.resolve("l");
    sealedInSteps(ledger, 0, KEY[0], temp.resolve("epochs"));
    assertThat(verify(ledger, files(ledger).checkpoints())).isNull();
    append(ledger, EVENTS + 10, 0);
    assertThat(verify(ledger, List.of())).isNull();
  }

  /** Where seals were made: the first event of a part that only a seal as a whole tells about. */
  private static long sealedFrom(long position) {
    return position <= 70 ? 1 : position <= 71 ? 71 : position <= 150 ? 72 : 151;
  }

  /** What mutating a ledger came to: where its first bad position must be looked for. */
  private record Mutated(String how, long from, long to) {
    static Mutated at(String how, long position) {
      return new Mutated(how, position, position);
    }
  }

  @Test
  void aThousandMutationsAreDetectedAndNamed() throws IOException {
    Path sound = temp.resolve("sound");
    sealedInSteps(sound, 0, KEY[0], temp.resolve("epochs"));
    List<Checkpoint> trusted = files(sound).checkpoints();
    Path ledger = temp.resolve("ledger");
    Map<String, Integer> kinds = new TreeMap<>();
    int done = 0;
    for (long seed = 0; done < 1000; seed++) {
      Random random = new Random(seed);
      copy(sound, ledger);
      Mutated mutated = mutate(random, ledger, seed);
      if (mutated != null) {
        SealVerifier.Bad bad = verify(ledger, trusted);
        String what = "seed %d, %s".formatted(seed, mutated);
        assertThat(bad).as(what).isNotNull();
        assertThat(bad.position())
            .as("%s: %s", what, bad.why())
            .isBetween(mutated.from(), mutated.to());
        assertThat(bad.why()).as(what).isNotBlank();
        kinds.merge(mutated.how(), 1, Integer::sum);
        done++;
      }
      delete(ledger);
    }
    assertThat(kinds)
        .containsOnlyKeys(
            "cut back", "flip", "fork", "replaced segment", "sealed anew", "swap", "truncate");
    assertThat(kinds.values()).allMatch(n -> n > 40);
  }

  /** The log after damage: the first event that cannot be read or is another, by comparing. */
  private static long firstOther(Path ledger) {
    CanonicalEvent canonical = new CanonicalEvent();
    long position = 0;
    try (EventLog log = open(ledger);
        Cursor cursor = log.read(MACHINE, 1)) {
      for (Event event = cursor.next(); event != null; event = cursor.next()) {
        Event was = SampleEvents.nth(position + 1);
        was.put("position", position + 1);
        if (position >= EVENTS || !Arrays.equals(canonical.bytes(was), canonical.bytes(event))) {
          break;
        }
        position++;
      }
    } catch (LogException e) {
      return position + 1;
    }
    return position + 1;
  }

  /** Changes the ledger; null if nothing came to be different. */
  private Mutated mutate(Random random, Path ledger, long seed) throws IOException {
    List<Path> segments = find(ledger, ".log");
    List<Path> all = new ArrayList<>(segments);
    all.add(ledger.resolve("seals/checkpoints"));
    all.add(ledger.resolve("seals/leaves"));
    Path file = all.get(random.nextInt(all.size()));
    byte[] bytes = Files.readAllBytes(file);
    long changed = 1 + random.nextInt(EVENTS);
    return switch (random.nextInt(8)) {
      case 0 -> {
        int at = random.nextInt(bytes.length);
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        yield damaged("flip", ledger, file, bytes, at);
      }
      case 1 -> {
        int length = random.nextInt(bytes.length);
        yield damaged("truncate", ledger, file, Arrays.copyOf(bytes, length), length);
      }
      case 2 -> {
        int half = bytes.length / 2;
        int length = 1 + random.nextInt(Math.min(64, half));
        int a = random.nextInt(half - length + 1);
        int b = half + random.nextInt(bytes.length - half - length + 1);
        byte[] first = Arrays.copyOfRange(bytes, a, a + length);
        byte[] second = Arrays.copyOfRange(bytes, b, b + length);
        int differ = Arrays.mismatch(first, second);
        System.arraycopy(second, 0, bytes, a, length);
        System.arraycopy(first, 0, bytes, b, length);
        yield differ < 0 ? null : damaged("swap", ledger, file, bytes, a + differ);
      }
      case 3 -> {
        // The log of another history, each checksum right; the seals stay.
        fork(ledger, seed, changed, null);
        yield Mutated.at("fork", changed);
      }
      case 4 -> {
        fork(ledger, seed, changed, OTHER[0]);
        yield Mutated.at("sealed anew", 1);
      }
      case 5 -> {
        // Sealed anew with the right key: only checkpoints kept elsewhere tell, and each of them
        // speaks of all its events at once.
        fork(ledger, seed, changed, KEY[0]);
        yield Mutated.at("sealed anew", sealedFrom(changed));
      }
      case 6 -> {
        Path cut = temp.resolve("cut" + seed);
        append(cut, 70, 0);
        seal(cut, KEY[0], temp.resolve("epochs" + seed));
        delete(ledger);
        copy(cut, ledger);
        delete(cut);
        yield Mutated.at("cut back", 71);
      }
      default -> {
        Path other = segments.get(random.nextInt(segments.size()));
        if (!file.toString().endsWith(".log") || file.equals(other)) {
          yield null;
        }
        yield damaged("replaced segment", ledger, file, Files.readAllBytes(other), 0);
      }
    };
  }

  /** Writes what a file is now; from the file and the place follows what must be named. */
  private static Mutated damaged(String how, Path ledger, Path file, byte[] bytes, int at)
      throws IOException {
    Files.write(file, bytes);
    if (file.endsWith("leaves")) {
      return Mutated.at(how, 1 + at / 32);
    }
    if (file.endsWith("checkpoints")) {
      // Not one of them may be trusted if their file is not whole; else it is one that is wrong.
      return new Mutated(how, 1, 151);
    }
    return Mutated.at(how, firstOther(ledger));
  }

  private void fork(Path ledger, long seed, long changed, SealKey key) throws IOException {
    Path fork = temp.resolve("fork" + seed);
    if (key == null) {
      append(fork, EVENTS, changed);
      copy(ledger.resolve("seals"), fork.resolve("seals"));
    } else {
      sealedInSteps(fork, changed, key, temp.resolve("epochs" + seed));
    }
    delete(ledger);
    copy(fork, ledger);
    delete(fork);
  }

  @Test
  void aKeyDoesNotSealAnOlderLedgerAnew() throws IOException {
    Path ledger = temp.resolve("l");
    Path epochs = temp.resolve("epochs");
    append(ledger, 50, 0);
    seal(ledger, KEY[0], epochs);
    Path older = temp.resolve("older");
    copy(ledger, older);
    append(ledger, 90, 0);
    seal(ledger, KEY[0], epochs);
    append(older, 90, 60);
    assertThatThrownBy(() -> seal(older, KEY[0], epochs))
        .isInstanceOf(SealException.class)
        .hasMessageContaining("epoch 2");
  }

  @Test
  void proofsHoldWithThePublicKeyOnly() {
    Path ledger = temp.resolve("l");
    sealedInSteps(ledger, 0, KEY[0], temp.resolve("epochs"));
    List<Checkpoint> checkpoints = files(ledger).checkpoints();
    CanonicalEvent canonical = new CanonicalEvent();
    SealKey key = SealKey.parse(KEY[1].text());
    try (EventLog log = open(ledger);
        SealFiles.Indexed leaves = files(ledger).indexed()) {
      for (Checkpoint last : checkpoints) {
        try (Cursor cursor = log.read(MACHINE, 1)) {
          for (long i = 0; i < last.size(); i++) {
            byte[] event = canonical.bytes(cursor.next());
            List<byte[]> path = MerkleTree.inclusion(leaves, i, last.size());
            Proof proof = Proof.parse(new Proof.Inclusion(event, i, path, last).text());
            assertThat(proof.wrong(List.of(key))).isNull();
            event[event.length - 2] ^= 1;
            assertThat(new Proof.Inclusion(event, i, path, last).wrong(List.of(key))).isNotNull();
          }
        }
        for (Checkpoint first : checkpoints.subList(0, (int) last.epoch())) {
          List<byte[]> path = MerkleTree.consistency(leaves, first.size(), last.size());
          Proof proof = Proof.parse(new Proof.Consistency(first, path, last).text());
          assertThat(proof.wrong(List.of(key))).isNull();
          assertThat(proof.wrong(List.of(OTHER[1]))).isNotNull();
        }
      }
    }
  }

  @Test
  void rootsAreThoseOfTheRfc() {
    // The empty tree and the leaf of no bytes, as every log has them.
    assertThat(Checkpoint.base64(new MerkleTree().root()))
        .isEqualTo("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assertThat(Checkpoint.base64(new Hashes().leaf(new byte[0])))
        .isEqualTo("bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=");
  }

  @Test
  void everySizeHasItsConsistencyProof() {
    List<byte[]> leaves = new ArrayList<>();
    List<byte[]> roots = new ArrayList<>();
    MerkleTree tree = new MerkleTree();
    Hashes hashes = new Hashes();
    for (int i = 0; i < 33; i++) {
      byte[] leaf = hashes.leaf(new byte[] {(byte) i});
      leaves.add(leaf);
      tree.add(leaf);
      roots.add(tree.root());
    }
    for (int n = 1; n <= 33; n++) {
      for (int m = 1; m <= n; m++) {
        List<byte[]> proof = MerkleTree.consistency(i -> leaves.get((int) i), m, n);
        assertThat(MerkleTree.consistent(m, roots.get(m - 1), n, roots.get(n - 1), proof))
            .as("%d of %d", m, n)
            .isTrue();
        assertThat(MerkleTree.consistent(m, roots.get(n % 33), n, roots.get(n - 1), proof))
            .as("wrong root, %d of %d", m, n)
            .isEqualTo(m - 1 == n % 33);
      }
    }
  }
}

package io.kledger.engine.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.kledger.engine.Engine;
import io.kledger.engine.Engines;
import io.kledger.event.avro.Event;
import io.kledger.event.avro.MountsObserved;
import io.kledger.ingest.recording.RecordingArchive;
import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.ns.Namespace;
import io.kledger.kernel.ns.NamespaceKind;
import io.kledger.view.MountInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a mountinfo file showed comes out of the state byte for byte. */
class MountObservationTest {
  private static List<String> shownAgain(List<String> lines) {
    KernelState state = new KernelState();
    Engine engine = Engines.create(state);
    List<ByteBuffer> bytes = new ArrayList<>();
    lines.forEach(line -> bytes.add(ByteBuffer.wrap(line.getBytes(StandardCharsets.ISO_8859_1))));
    engine.fold(
        Event.newBuilder()
            .setPosition(1)
            .setBody(new MountsObserved(4026532177L, 5, bytes))
            .build());
    for (Namespace namespace : state.namespaces.rows()) {
      if (namespace.kind() == NamespaceKind.MOUNT) {
        Mount root = state.mounts.require(namespace.root());
        Place top = MountTree.topmost(state, new Place(root.key(), root.root()));
        return MountInfo.lines(state, namespace.key(), top);
      }
    }
    return List.of();
  }

  @Test
  void everyRecordingsFirstSnapshot() throws IOException {
    Path corpus = Path.of(System.getProperty("kledger.home", ".")).resolve("corpus");
    assumeThat(corpus).isDirectory();
    List<Path> recordings;
    try (Stream<Path> files = Files.walk(corpus)) {
      recordings =
          files
              .filter(f -> f.toString().endsWith(".tar.gz") && !f.toString().contains("audit"))
              .sorted()
              .toList();
    }
    assertThat(recordings).isNotEmpty();
    for (Path recording : recordings) {
      SnapshotFiles first = RecordingArchive.open(recording).snapshots().getFirst();
      String text = new String(first.files().get("mountinfo"), StandardCharsets.ISO_8859_1);
      List<String> lines = text.lines().toList();

      assertThat(shownAgain(lines)).as(recording.getFileName().toString()).isEqualTo(lines);
    }
  }

  @Test
  void escapesGroupsStacksAndMovedMounts() {
    List<String> lines =
        List.of(
            "64 42 0:40 / / rw,relatime shared:1 - tmpfs root rw,size=64k",
            "65 70 0:41 / /a\\040b/in ro,nosuid,noatime master:3 - tmpfs hash\\043x rw",
            "66 64 0:42 / /st rw - tmpfs none rw",
            "67 66 0:43 / /st rw,relatime unbindable - tmpfs  rw,size=4k,mode=700",
            "68 64 254:0 /usr/lib /lib rw,nodiratime,relatime shared:2 master:1 - ext4 /dev/vda ro",
            "69 64 254:0 /usr/lib /lib64 rw,relatime,nosymfollow shared:2 master:1 - ext4 /dev/vda ro",
            "70 64 0:44 / /a\\040b rw,relatime - fuse.sshfs host:/\\134x rw,user_id=0");

    assertThat(shownAgain(lines)).isEqualTo(lines);
  }

  private static final String[] NAMES = {
    "a",
    "b c",
    "t\tt",
    "n\nn",
    "back\\slash",
    "#hash",
    "\u00e4\u00ff",
    "(deleted)",
    "-",
    "x".repeat(255)
  };

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void whatIsPrintedOfRandomTreesIsReadBack(long seed) {
    Random random = new Random(seed);
    MountBench bench = new MountBench();
    List<String> places = new ArrayList<>(List.of("/mnt", "/srv", "/opt"));
    for (int i = 0; i < 40; i++) {
      String at = places.get(random.nextInt(places.size()));
      String from = places.get(random.nextInt(places.size()));
      switch (random.nextInt(7)) {
        case 0, 1 -> {
          String name = at + "/" + NAMES[random.nextInt(NAMES.length)];
          bench.mkdir(name);
          if (name.length() < 3000 && !places.contains(name)) {
            places.add(name);
          }
        }
        case 2 -> bench.tmpfs(NAMES[random.nextInt(NAMES.length)], at);
        case 3 -> bench.bind(from, at, random.nextBoolean());
        case 4 -> bench.propagation(at, MountFlags.SHARED);
        case 5 -> bench.propagation(at, random.nextBoolean() ? MountFlags.SLAVE : 1 << 17);
        default -> bench.umount(at, MountBench.DETACH);
      }
    }
    List<String> lines = bench.mountinfo();

    assertThat(shownAgain(lines)).as("seed %d", seed).isEqualTo(lines);
  }
}

package io.kledger.ingest.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingArchiveTest {
  @TempDir Path dir;

  @Test
  void anArchiveAndItsUnpackedDirectoryAreTheSameRecording() throws IOException {
    Path archive =
        tar("one/trace.strace", "5 x\n", "one/snapshots/0000/position", "line 1\nclean yes\n");
    Path folder = Files.createDirectories(dir.resolve("one"));
    Files.writeString(folder.resolve("trace.strace"), "5 x\n");
    Files.createDirectories(folder.resolve("snapshots/0000"));
    Files.writeString(folder.resolve("snapshots/0000/position"), "line 1\nclean yes\n");

    for (Path path : new Path[] {archive, folder}) {
      RecordingArchive recording = RecordingArchive.open(path);
      assertThat(recording.name()).isEqualTo("one");
      assertThat(recording.files()).containsExactly("snapshots/0000/position", "trace.strace");
      assertThat(recording.trace()).hasContent("5 x\n");
      assertThat(recording.snapshots())
          .singleElement()
          .satisfies(
              s -> {
                assertThat(s.number()).isZero();
                assertThat(s.line()).isEqualTo(1);
                assertThat(s.clean()).isTrue();
              });
    }
  }

  @Test
  void aPathThatLeavesTheArchiveIsRefused() throws IOException {
    for (String path :
        new String[] {"../trace.strace", "/etc/trace.strace", "a/../../trace.strace"}) {
      Path archive = tar(path, "x");
      assertThatThrownBy(() -> RecordingArchive.open(archive))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(path);
    }
  }

  @Test
  void anArchiveLargerThanTheLimitIsRefused() throws IOException {
    Path archive = tar("one/trace.strace", "x".repeat(5000));
    assertThatThrownBy(() -> RecordingArchive.open(archive, 4000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("4000");
  }

  @Test
  void aDamagedHeaderIsRefused() throws IOException {
    byte[] tar = tarBytes("one/trace.strace", "x");
    tar[3] ^= 1;
    assertThatThrownBy(() -> RecordingArchive.open(gzip(tar)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("checksum");
  }

  private Path tar(String... pathsAndContents) throws IOException {
    return gzip(tarBytes(pathsAndContents));
  }

  private Path gzip(byte[] tar) throws IOException {
    Path file = dir.resolve("one.tar.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(tar);
    }
    return file;
  }

  private static byte[] tarBytes(String... pathsAndContents) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < pathsAndContents.length; i += 2) {
      byte[] content = pathsAndContents[i + 1].getBytes(StandardCharsets.UTF_8);
      byte[] header = new byte[512];
      put(header, 0, pathsAndContents[i]);
      put(header, 124, String.format("%011o", content.length));
      put(header, 148, "        ");
      header[156] = '0';
      put(header, 257, "ustar");
      int sum = 0;
      for (byte b : header) {
        sum += b;
      }
      put(header, 148, String.format("%06o", sum));
      header[154] = 0;
      out.writeBytes(header);
      out.writeBytes(content);
      out.writeBytes(new byte[-content.length & 511]);
    }
    out.writeBytes(new byte[1024]);
    return out.toByteArray();
  }

  private static void put(byte[] target, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, target, at, bytes.length);
  }
}

package io.kledger.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class InputsTest {
  private static final byte[] TEXT =
      "5 close(3) = 0\n".repeat(5000).getBytes(StandardCharsets.US_ASCII);

  @TempDir Path dir;

  @Test
  void theFirstBytesSayHowAFileIsCompressed() throws IOException {
    for (byte[] bytes : all()) {
      Path file = Files.write(dir.resolve("trace"), bytes);
      try (InputStream in = Inputs.open(file.toString())) {
        assertThat(in.readAllBytes()).isEqualTo(TEXT);
      }
    }
  }

  @Test
  void anEmptyFileIsEmpty() throws IOException {
    try (InputStream in = Inputs.open(new ByteArrayInputStream(new byte[0]), "empty", 10)) {
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void aBombIsDefused() throws IOException {
    for (byte[] bytes : all().subList(1, 4)) {
      try (InputStream in = Inputs.open(new ByteArrayInputStream(bytes), "bomb", 1000)) {
        assertThatThrownBy(in::readAllBytes)
            .isInstanceOf(IOException.class)
            .hasMessageContaining("bomb")
            .hasMessageContaining("1000");
      }
    }
  }

  private interface Compressor {
    OutputStream open(OutputStream out) throws IOException;
  }

  private static List<byte[]> all() throws IOException {
    return List.of(
        TEXT,
        compressed(GZIPOutputStream::new),
        compressed(out -> new XZOutputStream(out, new LZMA2Options())),
        compressed(ZstdOutputStream::new));
  }

  private static byte[] compressed(Compressor compressor) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = compressor.open(bytes)) {
      out.write(TEXT);
    }
    return bytes.toByteArray();
  }
}

package io.kledger.log.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.event.MachineId;
import io.kledger.event.avro.Event;
import io.kledger.log.EventLog;
import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import io.kledger.log.LogOptions;
import io.kledger.log.SampleEvents;
import io.kledger.log.avro.AvroExport.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AvroContainerTest {

  private static final MachineId M = MachineId.of("m");
  private static final int EVENTS = 5000;

  @TempDir Path directory;
  private final List<Event> events = new ArrayList<>();

  @BeforeEach
  void aLog() {
    try (var log = open();
        var appender = log.appender(M)) {
      for (int i = 1; i <= EVENTS; i++) {
        var event = SampleEvents.nth(i);
        appender.append(event);
        events.add(event);
      }
      appender.commit();
    }
  }

  @Test
  void whatIsExportedIsReadBack() throws IOException {
    for (var compression : Compression.values()) {
      byte[] file = export(compression, 1, Long.MAX_VALUE);
      assertThat(export(compression, 1, Long.MAX_VALUE)).isEqualTo(file);
      try (var reader = AvroImport.open("x.avro", new ByteArrayInputStream(file))) {
        assertThat(reader.machine()).isEqualTo("m");
        for (var event : events) {
          assertThat(reader.next()).isEqualTo(event);
        }
        assertThat(reader.next()).isNull();
        assertThat(reader.events()).isEqualTo(EVENTS);
      }
    }
  }

  /** Avro's generic reader, which knows nothing of our classes, reads it all. */
  @Test
  void avroToolsReadIt() throws IOException {
    byte[] file = export(Compression.DEFLATE, 11, 20);
    try (var reader =
        new DataFileStream<>(
            new ByteArrayInputStream(file), new GenericDatumReader<GenericRecord>())) {
      for (long position = 11; position <= 20; position++) {
        assertThat(reader.next().get("position")).isEqualTo(position);
      }
      assertThat(reader.hasNext()).isFalse();
    }
    assertThat(new SeekableByteArrayInput(file).length()).isPositive();
  }

  @Test
  void damageNamesFileAndBlock() throws IOException {
    byte[] file = export(Compression.DEFLATE, 1, Long.MAX_VALUE);
    for (int length : new int[] {file.length - 1, file.length / 2, file.length - 20}) {
      assertThatThrownBy(() -> readAll(Arrays.copyOf(file, length)))
          .isInstanceOf(LogException.Damaged.class)
          .hasMessageContaining("x.avro: block ")
          .hasMessageContaining("restore");
    }
    byte[] flipped = file.clone();
    flipped[file.length * 2 / 3] ^= 0x55;
    assertThatThrownBy(() -> readAll(flipped))
        .isInstanceOf(LogException.class)
        .hasMessageContaining("x.avro")
        .hasMessageContaining("block ");
    assertThatThrownBy(() -> readAll(new byte[] {1, 2, 3}))
        .isInstanceOf(LogException.Damaged.class)
        .hasMessageContaining("x.avro: not an Avro object container file");
  }

  @Test
  void otherRecordsAreRefused() throws IOException {
    var other = Schema.createRecord("Song", null, "music", false, List.of());
    var out = new ByteArrayOutputStream();
    try (var writer = new DataFileWriter<>(new GenericDatumWriter<GenericRecord>())) {
      writer.create(other, out);
    }
    assertThatThrownBy(() -> readAll(out.toByteArray()))
        .isInstanceOf(LogException.Schema.class)
        .hasMessageContaining("music.Song");
  }

  private static void readAll(byte[] file) {
    try (var reader = AvroImport.open("x.avro", new ByteArrayInputStream(file))) {
      for (var event = reader.next(); event != null; event = reader.next()) {
        assertThat(event.getPosition()).isPositive();
      }
    }
  }

  private byte[] export(Compression compression, long from, long last) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var log = open();
        var cursor = log.read(M, from)) {
      AvroExport.write("m", cursor, last, compression, out);
    }
    return out.toByteArray();
  }

  private EventLog open() {
    return EventLog.open(new LedgerUri.Directory(directory), LogOptions.DEFAULTS.withSync(false));
  }
}

package io.kledger.log.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kledger.event.avro.Event;
import io.kledger.event.avro.Syscall;
import io.kledger.log.LogException;
import io.kledger.log.SampleEvents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;

class EventCodecTest {

  private static final int EVENTS = 20_000;

  /** What Avro writes is what we write, and what we read is what was written: every record type. */
  @Test
  void bytesAreThoseOfAvro() throws IOException {
    long seed = System.nanoTime();
    var records = new RandomRecords(seed);
    var seen = new HashSet<Class<?>>();
    for (int i = 0; i < EVENTS; i++) {
      var event = records.event();
      byte[] bytes = EventCodec.encode(event);
      assertThat(bytes).as("seed %d", seed).isEqualTo(avro(event));
      assertThat(EventCodec.decode(bytes)).as("seed %d", seed).isEqualTo(event);
      seen.add(event.getBody().getClass());
      if (event.getBody() instanceof Syscall syscall) {
        seen.add(syscall.getCall().getClass());
      }
    }
    var bodies = EventCodec.SCHEMA.getField("body").schema().getTypes();
    assertThat(seen.size()).isGreaterThan(bodies.size() + 100);
  }

  private static byte[] avro(Event event) throws IOException {
    var out = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().binaryEncoder(out, null);
    new SpecificDatumWriter<Event>(EventCodec.SCHEMA).write(event, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  /** Bytes from outside are an event or a WireException, and never ask for much memory. */
  @Test
  void damagedBytesAreRefusedOrAnotherEvent() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < EVENTS; i++) {
      byte[] bytes = EventCodec.encode(SampleEvents.nth(i));
      byte[] damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      for (int flips = random.nextInt(4); flips > 0 && damaged.length > 0; flips--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(EventCodec.decode(damaged)).isNotNull();
      } catch (WireException e) {
        assertThat(e.getMessage()).as("seed %d", seed).isNotEmpty();
      }
    }
  }

  @Test
  void singleObjectEncodingIsAvros() throws IOException {
    var event = SampleEvents.nth(2);
    byte[] bytes = EventCodec.encodeSingleObject(event);
    assertThat(bytes[0]).isEqualTo((byte) 0xc3);
    assertThat(bytes[1]).isEqualTo((byte) 0x01);
    assertThat(EventCodec.singleObjectFingerprint(bytes)).isEqualTo(EventCodec.FINGERPRINT);
    var avros = new BinaryMessageDecoder<Event>(event.getSpecificData(), EventCodec.SCHEMA);
    assertThat(avros.decode(bytes)).isEqualTo(event);
    var decoder = EventCodec.singleObjectDecoder(fingerprint -> null);
    assertThat(decoder.decode(event.toByteBuffer().array())).isEqualTo(event);
    assertThatThrownBy(() -> decoder.decode(new byte[20])).isInstanceOf(WireException.class);
    bytes[5]++;
    assertThatThrownBy(() -> decoder.decode(bytes))
        .isInstanceOf(LogException.Schema.class)
        .hasMessageContaining(EventCodec.hex(EventCodec.singleObjectFingerprint(bytes)));
  }

  @Test
  void lengthsInFrontAreRight() {
    for (int length : new int[] {0, 1, 63, 64, 100, 8191, 8192, 1_000_000, 1_048_576}) {
      var out = new WireOut(4);
      out.write(new byte[] {9, 9}, 0, 2);
      out.write(new byte[length], 0, length);
      out.prefixLength(2);
      var in = new WireIn();
      in.reset(out.array(), 2, out.size() - 2);
      assertThat(in.readLength()).isEqualTo(length);
      assertThat(in.remaining()).isEqualTo(length);
    }
  }

  /** A schema in a file may name any class; only our records are made. */
  @Test
  void schemasCannotNameForeignClasses() {
    var schema =
        new Schema.Parser()
            .parse(
                EventCodec.SCHEMA
                    .toString()
                    .replaceFirst(
                        "\"name\":\"Marker\",\"fields\"",
                        "\"name\":\"File\",\"namespace\":\"java.io\",\"fields\"")
                    .replace("\"Marker\"", "\"java.io.File\""));
    var decoder = EventCodec.decoder(schema);
    byte[] marker =
        EventCodec.encode(new Event(0L, 0L, -1L, 0, 0, 0L, new io.kledger.event.avro.Marker("x")));
    assertThatThrownBy(() -> decoder.decode(marker, 0, marker.length))
        .isInstanceOf(LogException.Schema.class)
        .hasMessageContaining(EventCodec.hex(EventCodec.fingerprint(schema)));
  }
}

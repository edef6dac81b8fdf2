package io.kledger.projection.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.kledger.event.Bytes;
import io.kledger.view.Sheet;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * A sheet as an array of objects whose keys are the columns in small letters, as {@code -o json} of
 * the command prints it. Bytes that are not UTF-8 become text with each wrong byte as a code point
 * of U+DC80 to U+DCFF, so that nothing is lost.
 */
@Singleton
public class SheetJson implements ObjectMapperCustomizer {

  @Override
  public void customize(ObjectMapper mapper) {
    SimpleModule module = new SimpleModule("kledger");
    module.addSerializer(new OfSheet());
    module.addSerializer(new OfBytes());
    mapper.registerModule(module);
  }

  private static final class OfSheet extends StdSerializer<Sheet> {
    OfSheet() {
      super(Sheet.class);
    }

    @Override
    public void serialize(Sheet sheet, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      List<String> keys =
          sheet.columns().stream().map(column -> column.toLowerCase(Locale.ROOT)).toList();
      out.writeStartArray();
      for (List<Object> row : sheet.rows()) {
        out.writeStartObject();
        for (int i = 0; i < keys.size(); i++) {
          provider.defaultSerializeField(keys.get(i), row.get(i), out);
        }
        out.writeEndObject();
      }
      out.writeEndArray();
    }
  }

  private static final class OfBytes extends StdSerializer<Bytes> {
    OfBytes() {
      super(Bytes.class);
    }

    @Override
    public void serialize(Bytes bytes, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(text(bytes));
    }
  }

  static String text(Bytes bytes) {
    try {
      // A new decoder reports what is malformed.
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toArray()))
          .toString();
    } catch (CharacterCodingException e) {
      StringBuilder text = new StringBuilder(bytes.length());
      for (int i = 0; i < bytes.length(); i++) {
        int b = bytes.at(i);
        text.append((char) (b < 0x80 ? b : 0xdc00 + b));
      }
      return text.toString();
    }
  }
}

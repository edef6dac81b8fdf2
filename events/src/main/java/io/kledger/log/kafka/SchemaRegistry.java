package io.kledger.log.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kledger.log.LogException;
import io.kledger.log.codec.EventCodec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * A schema registry, by the interface that Apicurio ({@code /apis/ccompat/v7}), Confluent and
 * others have in common. Asked once per schema. Used by several threads.
 */
final class SchemaRegistry {

  private static final String TYPE = "application/vnd.schemaregistry.v1+json";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String url;
  private final String credentials;
  private final ObjectMapper json = new ObjectMapper();
  private final Map<Integer, Schema> schemas = new HashMap<>();
  private Integer ours;

  /**
   * A registry.
   *
   * @param url without a slash at its end
   * @param credentials {@code user:password}, or null
   */
  SchemaRegistry(String url, String credentials) {
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    this.credentials = credentials;
  }

  /** The number of this program's schema, under which it is registered for a topic's values. */
  synchronized int register(String topic) {
    if (ours == null) {
      var body = json.createObjectNode().put("schema", EventCodec.SCHEMA.toString());
      var path = "/subjects/" + topic + "-value/versions";
      ours =
          ask(request(path).POST(HttpRequest.BodyPublishers.ofString(body.toString())))
              .path("id")
              .asInt();
    }
    return ours;
  }

  /** The schema with a number. */
  synchronized Schema find(int number) {
    return schemas.computeIfAbsent(
        number,
        id ->
            new Schema.Parser().parse(ask(request("/schemas/ids/" + id)).path("schema").asText()));
  }

  private HttpRequest.Builder request(String path) {
    var request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(PATIENCE)
            .header("Content-Type", TYPE)
            .header("Accept", TYPE);
    if (credentials != null) {
      byte[] bytes = credentials.getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
    }
    return request;
  }

  private JsonNode ask(HttpRequest.Builder request) {
    try (var client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new LogException.Schema(
            "schema registry "
                + answer.request().uri()
                + " answers "
                + answer.statusCode()
                + ": "
                + answer.body(),
            null);
      }
      return json.readTree(answer.body());
    } catch (IOException e) {
      throw new LogException.Failed(
          "cannot reach the schema registry at " + url + ": " + e + "; check " + Framing.REGISTRY,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogException.Failed("interrupted while asking the schema registry " + url, e);
    }
  }
}

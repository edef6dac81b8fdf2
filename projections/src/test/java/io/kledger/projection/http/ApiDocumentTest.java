package io.kledger.projection.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The documents for programs, compared with what the resources take. */
@QuarkusTest
@QuarkusTestResource(value = EmptyLedger.class, restrictToAnnotatedClass = true)
class ApiDocumentTest {
  private static JsonPath document() {
    Response response = given().get("/q/openapi?format=json");
    assertThat(response.statusCode()).isEqualTo(200);
    return response.jsonPath();
  }

  private static List<Map<String, Object>> parameters(Map<String, Object> operation) {
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> parameters =
        (List<Map<String, Object>>) operation.getOrDefault("parameters", List.of());
    return parameters.stream().filter(p -> p.get("in").equals("query")).toList();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Map<String, Map<String, Object>>> paths() {
    return (Map<String, Map<String, Map<String, Object>>>) (Map<?, ?>) document().getMap("paths");
  }

  @Test
  void theDocumentIsOfThisVersionOfOpenApi() {
    assertThat(document().getString("openapi")).startsWith("3.1");
    assertThat(document().getString("info.title")).isEqualTo("kledger");
    assertThat(paths()).containsKeys(ApiDocument.PATHS.keySet().toArray(String[]::new));
    assertThat(document().getString("components.schemas")).doesNotContain("Optional");
  }

  /** A parameter that nobody knows is refused with the list of those that are known. */
  @Test
  void whatIsDocumentedIsWhatIsTaken() {
    paths()
        .forEach(
            (path, item) -> {
              if (!path.contains("{machine}/") || !item.containsKey("get")) {
                return;
              }
              String url = path.replace("{machine}", "demo") + "?nobody-knows-this=1";
              var request = given();
              if (path.endsWith("/socket")) {
                request.header("Upgrade", "websocket").header("Connection", "Upgrade");
              }
              Response refused = request.get(url);
              assertThat(refused.statusCode()).as(url).isEqualTo(400);
              String detail = refused.jsonPath().getString("detail");
              List<String> known =
                  List.of(detail.substring(detail.indexOf("there are ") + 10).split(", "));
              List<String> documented = new ArrayList<>();
              parameters(item.get("get")).forEach(p -> documented.add((String) p.get("name")));
              assertThat(documented).as(path).containsExactlyInAnyOrderElementsOf(known);
            });
  }

  /** Each example works, alone where it can stand alone. */
  @Test
  void examplesAreAnswered() {
    paths()
        .forEach(
            (path, item) -> {
              if (!path.contains("{machine}/")
                  || !item.containsKey("get")
                  || path.endsWith("/stream")
                  || path.endsWith("/socket")) {
                return;
              }
              StringBuilder query = new StringBuilder();
              for (Map<String, Object> p : parameters(item.get("get"))) {
                boolean apart = p.get("name").equals("ns") || p.get("name").equals("columns");
                if (p.get("example") != null && !apart) {
                  query.append(query.isEmpty() ? "?" : "&");
                  query.append(p.get("name")).append('=').append(p.get("example"));
                }
              }
              Response answer =
                  given()
                      .urlEncodingEnabled(false)
                      .accept("application/json")
                      .get(path.replace("{machine}", "demo") + query);
              assertThat(answer.statusCode()).as(path + query + answer.asString()).isEqualTo(200);
            });
  }

  @Test
  @SuppressWarnings("unchecked")
  void theChannelsAreThoseThatThereAre() {
    Response response = given().get("/asyncapi.yaml");
    assertThat(response.statusCode()).isEqualTo(200);
    Map<String, Object> document = new Yaml().load(response.asString());
    assertThat(document.get("asyncapi")).isEqualTo("3.0.0");
    Map<String, Map<String, Object>> channels =
        (Map<String, Map<String, Object>>) document.get("channels");
    channels
        .values()
        .forEach(
            channel -> assertThat(ApiDocument.PATHS).containsKey((String) channel.get("address")));
    Map<String, Object> bindings = (Map<String, Object>) channels.get("socket").get("bindings");
    Map<String, Object> query =
        (Map<String, Object>) ((Map<String, Object>) bindings.get("ws")).get("query");
    assertThat(new TreeSet<>(((Map<String, Object>) query.get("properties")).keySet()))
        .isEqualTo(new TreeSet<>(Openings.KNOWN));
  }
}

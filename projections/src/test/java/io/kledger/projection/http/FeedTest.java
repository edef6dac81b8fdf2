package io.kledger.projection.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events, changes, where they come from, and live. */
@QuarkusTest
@QuarkusTestResource(FlocksLedger.class)
class FeedTest {
  private static final String AT = "/api/v1/machines/own_flocks/";

  @TestHTTPResource("/")
  URI service;

  private record Message(String id, String type, String data) {}

  private static JsonPath json(String view) {
    Response response = given().urlEncodingEnabled(false).get(AT + view);
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    return response.jsonPath();
  }

  /** Messages of a subscription: so many with an id, then the connection is cut. */
  private List<Message> listen(String parameters, String lastId, int most) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) service.resolve(AT + "stream" + parameters).toURL().openConnection();
    connection.setReadTimeout(3_000);
    if (lastId != null) {
      connection.setRequestProperty("Last-Event-ID", lastId);
    }
    List<Message> messages = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      String id = null;
      String type = null;
      for (String line = in.readLine();
          line != null && messages.size() < most;
          line = in.readLine()) {
        if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          type = line.substring(7);
        } else if (line.startsWith("data: ")) {
          messages.add(new Message(id, type, line.substring(6)));
        }
      }
    } catch (java.net.SocketTimeoutException e) {
      // Nothing more happens.
      return messages;
    } finally {
      connection.disconnect();
    }
    return messages;
  }

  private static List<String> changes(List<Message> messages) {
    List<String> result = new ArrayList<>();
    for (Message message : messages) {
      if (message.type().equals("changes")) {
        JsonPath data = JsonPath.from(message.data());
        List<String> types = data.getList("changes.type");
        types.forEach(type -> result.add(data.getLong("position") + " " + type));
      }
    }
    return result;
  }

  private static List<String> all() {
    JsonPath page = json("changes?what=all&limit=5000");
    List<Integer> positions = page.getList("rows.position");
    List<String> types = page.getList("rows.type");
    List<String> result = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      result.add(positions.get(i) + " " + types.get(i));
    }
    return result;
  }

  @Test
  void whoResumesSeesEachChangeOnce() throws IOException {
    List<String> seen = new ArrayList<>();
    String cursor = null;
    String start = "?what=all&after=@0";
    for (int i = 0; i < 200; i++) {
      List<Message> some = listen(start, cursor, 7);
      if (some.isEmpty() || some.getLast().id().equals(cursor)) {
        break;
      }
      seen.addAll(changes(some));
      cursor = some.getLast().id();
      if (some.size() < 7) {
        break;
      }
    }

    assertThat(seen).isNotEmpty().containsExactlyElementsOf(all());
  }

  @Test
  void pagesOfChangesAreTheWhole() {
    List<String> seen = new ArrayList<>();
    String after = "@0";
    while (after != null) {
      JsonPath page = json("changes?what=all&limit=10&after=" + after);
      List<Integer> positions = page.getList("rows.position");
      List<String> types = page.getList("rows.type");
      for (int i = 0; i < types.size(); i++) {
        seen.add(positions.get(i) + " " + types.get(i));
      }
      after = page.getString("next");
    }

    assertThat(seen).isNotEmpty().containsExactlyElementsOf(all());
  }

  @Test
  void theStateComesFirstIfAskedFor() throws IOException {
    List<Message> messages = listen("?what=tasks,mounts&initial=true", null, 3);

    assertThat(messages.getLast().type()).isIn("state", "checkpoint");
  }

  @Test
  void cloudEventsHaveTheirMembers() throws IOException {
    Message message =
        listen("?what=locks&after=@0&format=cloudevents", null, 200).stream()
            .filter(m -> m.type().equals("changes"))
            .findFirst()
            .orElseThrow();

    assertThat(JsonPath.from(message.data()).getString("[0].specversion")).isEqualTo("1.0");
    assertThat(JsonPath.from(message.data()).getString("[0].type")).startsWith("io.kledger.lock.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stream?after=@99999",
        "stream?after=nonsense",
        "stream?what=everything",
        "stream?filter=evt.type%20%3D%3D",
        "stream?heartbeat=0",
        "stream?wat=1",
        "changes?what=everything",
        "events?filter=no.such%20%3D%201",
        "events?limit=0",
        "why?kind=thing&name=x",
        "why?kind=mount",
        "diff",
        "mounts?cursor=x",
        "mounts?at=@90&columns=nothing"
      })
  void whatIsWrongIsSaid(String path) {
    Response response = given().urlEncodingEnabled(false).get(AT + path);

    assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
    assertThat(response.contentType()).startsWith("application/problem+json");
  }

  @Test
  void aCursorOfAnotherLedgerIsRefused() {
    given().get(AT + "stream?after=other:own_flocks:1").then().statusCode(409);
    given().get("/api/v1/machines/nobody/stream").then().statusCode(404);
  }

  @Test
  void eventsAreFiltered() {
    List<String> types =
        json("events?limit=5000&filter=evt.type%20%3D%20flock").getList("rows.type");

    assertThat(types).isNotEmpty().containsOnly("flock");
    assertThat(json("events?filter=proc.name%20%3D%20flocks").getList("rows")).isNotEmpty();
  }

  @Test
  void whyLeadsToTheTrace() {
    JsonPath why = json("why?kind=lock&name=/sandbox/lock&at=@90");

    assertThat(why.getString("rows[0].text")).contains("FLOCK");
    assertThat(why.getLong("rows[0].line")).isPositive();
    assertThat(why.getString("rows[0].event")).contains("flock(");
    assertThat(json("history?kind=mount&name=/sandbox&at=@90").getList("rows")).isNotEmpty();
    assertThat(json("diff?from=@30&at=@90").getList("rows")).isNotEmpty();
    assertThat(json("diff?from=@90&at=@90").getList("rows")).isEmpty();
  }

  @Test
  void aPageGoesOnWhereTheOneBeforeEnded() {
    JsonPath first = json("mounts?at=@90&limit=1&columns=target,id");
    JsonPath second = json("mounts?limit=1&columns=target,id&cursor=" + first.getString("next"));

    assertThat(first.getMap("rows[0]")).containsOnlyKeys("target", "id");
    assertThat(second.getLong("position")).isEqualTo(90);
    assertThat(second.getString("rows[0].id")).isNotEqualTo(first.getString("rows[0].id"));
    assertThat(json("mounts?at=@90&q=/sandbox").getList("rows.target")).contains("/sandbox");
  }

  @Test
  void anAnswerThatIsKnownIsNotSentAgain() {
    String tag = given().get(AT + "locks?at=@90").header("ETag");

    given().header("If-None-Match", tag).get(AT + "locks?at=@90").then().statusCode(304);
    given().header("If-None-Match", tag).get(AT + "locks?at=@91").then().statusCode(200);
  }

  @Test
  void theTimelineCountsEveryEvent() throws InterruptedException {
    JsonPath timeline = json("timeline?buckets=10");
    for (int i = 0; i < 100 && timeline.getLong("indexed") < timeline.getLong("to"); i++) {
      Thread.sleep(100);
      timeline = json("timeline?buckets=10");
    }

    assertThat(timeline.getList("buckets")).hasSizeBetween(1, 10);
    assertThat(timeline.getLong("buckets[-1].to")).isEqualTo(timeline.getLong("to"));
  }

  @Test
  void aTraceIsComputed() {
    JsonPath answer =
        given()
            .contentType("text/plain")
            .body("getpid() = ?\n")
            .post("/api/v1/simulate")
            .then()
            .statusCode(200)
            .extract()
            .jsonPath();

    assertThat(answer.getString("transcript[0]")).contains("getpid() = ");
    given()
        .contentType("text/plain")
        .body("x\n".repeat(200_000))
        .post("/api/v1/simulate")
        .then()
        .statusCode(413);
    assertThat(given().get("/api/v1/coverage").jsonPath().getList("calls")).isNotEmpty();
  }

  @Test
  void requestsOfOtherPagesAreRefused() {
    given().header("Host", "evil.example").get("/api/v1/machines").then().statusCode(421);
    given()
        .header("Origin", "https://evil.example")
        .contentType("text/plain")
        .body("getpid() = ?\n")
        .post("/api/v1/simulate")
        .then()
        .statusCode(403);
    assertThat(given().get("/").header("Content-Security-Policy"))
        .contains("script-src 'self'")
        .doesNotContain("unsafe");
    given()
        .urlEncodingEnabled(false)
        .get("/page/..%2f..%2fapplication.properties")
        .then()
        .statusCode(404);
  }

  @Test
  void figuresAreForPrometheus() {
    assertThat(given().get("/q/metrics").asString())
        .contains(
            "kledger_log_events_total{machine=\"own_flocks\"} ", "# TYPE kledger_subscribers");
  }
}

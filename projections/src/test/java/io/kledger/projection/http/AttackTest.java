package io.kledger.projection.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody tries who means harm. */
@QuarkusTest
@QuarkusTestResource(value = GuardedLedger.class, restrictToAnnotatedClass = true)
class AttackTest {
  private static final int BOMB = 300 << 20;

  @TestHTTPResource("/")
  URI service;

  /** Another second, another allowance. */
  @BeforeEach
  void breathe() throws InterruptedException {
    Thread.sleep(1_050);
  }

  /** What comes back for bytes as they are; empty if the connection is just closed. */
  private String raw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", service.getPort())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      try {
        out.write(request.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
      } catch (SocketException e) {
        // Refused before it was all sent.
      }
      return answer(socket);
    }
  }

  private static String answer(Socket socket) throws IOException {
    ByteArrayOutputStream in = new ByteArrayOutputStream();
    byte[] buffer = new byte[4096];
    try {
      InputStream from = socket.getInputStream();
      for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
        in.write(buffer, 0, read);
        if (in.toString(StandardCharsets.ISO_8859_1).contains("\r\n\r\n")) {
          break;
        }
      }
    } catch (SocketException e) {
      return in.toString(StandardCharsets.ISO_8859_1);
    }
    return in.toString(StandardCharsets.ISO_8859_1);
  }

  private String get(String path) throws IOException {
    return raw("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/page/../../../../../../etc/passwd",
        "/page/..%2f..%2f..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/page/%2e%2e%5c%2e%2e%5capplication.properties",
        "/page/....//....//application.properties",
        "/application.properties",
        "/META-INF/resources/index.html",
        "/page/app.js%00.html",
        "/api/v1/machines/..%2f..%2f..%2fetc/mounts",
        "/api/v1/machines/%00/mounts",
        "/api/v1/machines/scratch-..%2f..%2fetc/mounts"
      })
  void noPathLeadsOut(String path) throws IOException {
    String answer = get(path);

    assertThat(answer).startsWith("HTTP/1.1 4").doesNotContain("root:", "quarkus.");
  }

  @Test
  void aSourceIsNoPath() {
    given()
        .contentType("text/plain")
        .body("7 1.0 getpid() = 7\n")
        .post("/api/v1/machines/m/events?source=..%2F..%2Fetc%2Fpasswd")
        .then()
        .statusCode(400);
  }

  @Test
  void bodiesAreBounded() throws IOException {
    String announced =
        raw(
            "POST /api/v1/simulate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
                + "Content-Length: 99999999999\r\n\r\n");
    assertThat(announced).startsWith("HTTP/1.1 413");
    String piece = "x".repeat(1 << 16);
    StringBuilder chunks = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      chunks.append("10000\r\n").append(piece).append("\r\n");
    }
    String chunked =
        raw(
            "POST /api/v1/scratch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
                + chunks);
    // Closed, or told so: but never read to the end.
    assertThat(chunked).doesNotContain("200 OK");
  }

  @Test
  void aSlowSenderIsNotWaitedFor() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    try (Socket socket = new Socket("127.0.0.1", service.getPort())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /api/v1/simulate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
                  + "Content-Length: 1000\r\n\r\nx")
              .getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      String answer = answer(socket);
      assertThat(answer).doesNotContain("200 OK");
    }
    assertThat((System.nanoTime() - begun) / 1_000_000_000L).as("seconds").isLessThan(15);
    // Nobody else was kept waiting.
    given().get("/api/v1/machines").then().statusCode(200);
  }

  @Test
  void headersAreBounded() throws IOException {
    String start = "GET /api/v1/machines HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    assertThat(raw(start + "X-Long: " + "a".repeat(100_000) + "\r\n\r\n")).doesNotContain("200 OK");
    assertThat(raw(start + "X: y\r\n".repeat(20_000) + "\r\n")).doesNotContain("200 OK");
    assertThat(raw("GET /" + "a".repeat(100_000) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
        .doesNotContain("200 OK");
    assertThat(raw("GET /api/v1/machines HTTP/1.1\r\n\r\n")).doesNotContain("200 OK");
    assertThat(raw("GET /api/v1/machines HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
        .startsWith("HTTP/1.1 421");
    // Two lengths: what one server takes for a body is a request for the next one.
    assertThat(
            raw(
                "POST /api/v1/simulate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
                    + "Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde"))
        .doesNotContain("200 OK");
    assertThat(
            raw(
                "POST /api/v1/simulate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
                    + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
        .doesNotContain("200 OK");
  }

  private static byte[] bomb() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < BOMB; i += zeros.length) {
        zip.write(zeros);
      }
    }
    return out.toByteArray();
  }

  @Test
  void whatIsSmallOnlyBecauseItIsCompressedIsNot() throws IOException {
    byte[] bomb = bomb();
    assertThat(bomb).hasSizeLessThan(1 << 20);
    for (String path :
        List.of("/api/v1/simulate", "/api/v1/scratch", "/api/v1/machines/m/events?source=b")) {
      Response answer =
          given()
              .config(
                  io.restassured.RestAssured.config()
                      .encoderConfig(
                          io.restassured.config.EncoderConfig.encoderConfig()
                              .appendDefaultContentCharsetToContentTypeIfUndefined(false)))
              .contentType("text/plain")
              .header("Content-Encoding", "gzip")
              .body(bomb)
              .post(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(413);
    }
    given()
        .contentType("text/plain")
        .header("Content-Encoding", "br")
        .body("x")
        .post("/api/v1/simulate")
        .then()
        .statusCode(415);
  }

  @Test
  void streamsAreBounded() throws Exception {
    given().get("/api/v1/machines").then().statusCode(200);
    String machine = given().get("/api/v1/machines").jsonPath().getString("machines[0].machine");
    List<SocketClient> clients = new ArrayList<>();
    try {
      URI address =
          URI.create(
              "ws://127.0.0.1:" + service.getPort() + "/api/v1/machines/" + machine + "/socket");
      for (int i = 0; i < 12; i++) {
        clients.add(new SocketClient(address));
        assertThat(clients.getLast().next(5_000)).isNotNull();
      }
      given().get("/api/v1/machines/" + machine + "/stream").then().statusCode(503);
    } finally {
      clients.forEach(SocketClient::close);
    }
    for (int i = 0; i < 100; i++) {
      String figures = given().get("/q/metrics").asString();
      if (figures.contains("\nkledger_subscribers 0\n")) {
        return;
      }
      Thread.sleep(100);
    }
    assertThat(given().get("/q/metrics").asString()).contains("\nkledger_subscribers 0\n");
  }

  @Test
  void requestsOfOneClientAreBounded() throws IOException {
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      many.append("GET /q/health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    }
    int refused = 0;
    try (Socket socket = new Socket("127.0.0.1", service.getPort())) {
      socket.setSoTimeout(2_000);
      socket.getOutputStream().write(many.toString().getBytes(StandardCharsets.ISO_8859_1));
      byte[] buffer = new byte[1 << 16];
      StringBuilder answers = new StringBuilder();
      try {
        for (int read = socket.getInputStream().read(buffer);
            read >= 0;
            read = socket.getInputStream().read(buffer)) {
          answers.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
        }
      } catch (SocketTimeoutException e) {
        // All was answered.
      }
      refused = answers.toString().split("HTTP/1.1 429", -1).length - 1;
    }
    assertThat(refused).isPositive();
  }

  @Test
  void filtersAreBounded() {
    String url = "/api/v1/machines/demo/changes";
    given().queryParam("filter", "(".repeat(900) + "evt.num=1").get(url).then().statusCode(400);
    given()
        .queryParam("filter", "evt.args contains " + "a".repeat(2_500))
        .get(url)
        .then()
        .statusCode(400);
    given().queryParam("q", "a".repeat(5_000)).get(url).then().statusCode(414);
  }

  @Test
  void secretsOfProgramsAreNotShown() {
    String trace =
        "7 1700000000.000001 execve(\"/bin/db\", [\"db\", \"--password=hunter2\", \"-p\", \"hunter3\","
            + " \"plain\"], [\"API_TOKEN=hunter4\", \"HOME=/root\"]) = 0\n";
    String machine =
        given()
            .contentType("text/plain")
            .body(trace)
            .post("/api/v1/scratch")
            .then()
            .statusCode(200)
            .extract()
            .path("machine");
    String at = "/api/v1/machines/" + machine + "/";
    String all =
        given().get(at + "events").asString()
            + given().get(at + "changes?what=all").asString()
            + given().get(at + "why?kind=task&name=7").asString()
            + given().get(at + "history?kind=task&name=7").asString();

    assertThat(all)
        .contains("--password=[redacted]", "\\\"-p\\\", \\\"[redacted]\\\"", "API_TOKEN=[redacted]")
        .contains("plain", "HOME=/root")
        .doesNotContain("hunter");
    assertThat(
            given()
                .queryParam("filter", "evt.args contains hunter2")
                .get(at + "events")
                .jsonPath()
                .getList("rows"))
        .isEmpty();
  }
}

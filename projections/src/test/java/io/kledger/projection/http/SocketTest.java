package io.kledger.projection.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.net.URI;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Subscriptions over WebSockets: what a stream of server-sent events tells, in frames. */
@QuarkusTest
@QuarkusTestResource(FlocksLedger.class)
class SocketTest {
  private static final String AT = "/api/v1/machines/own_flocks/";
  private static final int HEADER = 16;

  @TestHTTPResource("/")
  URI service;

  private URI socket(String query) {
    return URI.create("ws://127.0.0.1:" + service.getPort() + AT + "socket" + query);
  }

  private static long end() {
    return given().get("/api/v1/machines").jsonPath().getLong("machines[0].position");
  }

  private static List<String> all(String what) {
    JsonPath page = given().get(AT + "changes?limit=5000&what=" + what).jsonPath();
    List<Integer> positions = page.getList("rows.position");
    List<String> types = page.getList("rows.type");
    List<String> result = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      result.add(positions.get(i) + " " + types.get(i));
    }
    return result;
  }

  /** Takes frames until nothing comes for a while; returns how many there were. */
  private static int take(SocketClient client, List<Map<String, Object>> into)
      throws InterruptedException {
    int frames = 0;
    for (Object frame = client.next(3_000); frame != null; frame = client.next(1_500)) {
      into.addAll(JsonPath.from((String) frame).getList("$"));
      frames++;
      if (((String) frame).contains("heartbeat")) {
        break;
      }
    }
    return frames;
  }

  private static List<String> changes(List<Map<String, Object>> messages) {
    List<String> result = new ArrayList<>();
    for (Map<String, Object> message : messages) {
      if (message.get("type").equals("changes")) {
        Map<?, ?> data = (Map<?, ?>) message.get("data");
        for (Object change : (List<?>) data.get("changes")) {
          result.add(data.get("position") + " " + ((Map<?, ?>) change).get("type"));
        }
      }
    }
    return result;
  }

  @Test
  void framesHoldEveryChangeInOrder() throws InterruptedException {
    List<Map<String, Object>> messages = new ArrayList<>();
    int frames;
    try (SocketClient client = new SocketClient(socket("?what=all&after=@0"))) {
      frames = take(client, messages);
    }

    assertThat(changes(messages)).isNotEmpty().containsExactlyElementsOf(all("all"));
    assertThat(frames).isLessThan(messages.size());
    assertThat(messages.getLast().get("id")).asString().endsWith(":own_flocks:" + end());
  }

  @Test
  void whoResumesAnywhereSeesTheRest() throws InterruptedException {
    List<Map<String, Object>> messages = new ArrayList<>();
    try (SocketClient client = new SocketClient(socket("?what=all&after=@0"))) {
      take(client, messages);
    }
    List<String> ids = messages.stream().map(m -> (String) m.get("id")).distinct().toList();
    for (int i = 0; i < ids.size(); i += Math.max(1, ids.size() / 4)) {
      String id = ids.get(i);
      long position = Long.parseLong(id.substring(id.lastIndexOf(':') + 1));
      List<Map<String, Object>> rest = new ArrayList<>();
      try (SocketClient client = new SocketClient(socket("?what=all&after=" + id))) {
        take(client, rest);
      }
      assertThat(changes(rest))
          .containsExactlyElementsOf(
              all("all").stream()
                  .filter(c -> Long.parseLong(c.substring(0, c.indexOf(' '))) > position)
                  .toList());
    }
  }

  @Test
  void theStateComesFirstUnderOneCursor() throws InterruptedException {
    List<Map<String, Object>> messages = new ArrayList<>();
    try (SocketClient client = new SocketClient(socket("?what=mounts,cgroups&initial=true"))) {
      take(client, messages);
    }

    assertThat(messages.getLast().get("type")).isEqualTo("checkpoint");
    assertThat(messages.getLast().get("id")).asString().endsWith(":" + end());
    assertThat(messages.subList(0, messages.size() - 1))
        .allSatisfy(message -> assertThat(message.get("type")).isEqualTo("state"))
        .anySatisfy(message -> assertThat(message.get("data").toString()).contains("/oracle"));
  }

  @Test
  void cloudEventsAndHeartbeats() throws InterruptedException {
    List<Map<String, Object>> messages = new ArrayList<>();
    try (SocketClient client =
        new SocketClient(socket("?what=locks&after=@0&format=cloudevents&heartbeat=1"))) {
      take(client, messages);
    }

    Map<String, Object> first =
        messages.stream().filter(m -> m.get("type").equals("changes")).findFirst().orElseThrow();
    assertThat(((Map<?, ?>) ((List<?>) first.get("data")).getFirst()).get("specversion"))
        .isEqualTo("1.0");
    assertThat(messages).anySatisfy(m -> assertThat(m.get("type")).isEqualTo("heartbeat"));
  }

  private record Record(long position, int kind, ByteBuffer body) {}

  private List<Record> records(String query) throws InterruptedException {
    List<Record> records = new ArrayList<>();
    try (SocketClient client = new SocketClient(socket(query))) {
      for (Object frame = client.next(3_000); frame != null; frame = client.next(1_500)) {
        ByteBuffer in = ((ByteBuffer) frame).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
          long position = in.getLong();
          int kind = in.getShort();
          in.getShort();
          int length = in.getInt();
          records.add(
              new Record(
                  position, kind, in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN)));
          in.position(in.position() + length);
        }
      }
    }
    return records;
  }

  @Test
  void locksAsInotifyWouldRecordThem() throws InterruptedException {
    List<Record> records =
        records("?what=locks&after=@0&format=native").stream()
            .filter(record -> record.kind() == NativeEncoding.LOCK)
            .toList();

    assertThat(records).hasSameSizeAs(all("locks")).isNotEmpty();
    for (Record record : records) {
      ByteBuffer body = record.body();
      int length = body.getInt(12);
      assertThat(length % 16).isZero();
      assertThat(body.remaining()).isEqualTo(HEADER + length);
      byte[] name = new byte[length];
      body.get(HEADER, name);
      assertThat(new String(name, StandardCharsets.UTF_8).replaceAll("\0+$", "")).startsWith("/");
      assertThat(body.getInt(4) & 0xE10000).isNotZero();
      assertThat(body.getInt(8)).isPositive();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "own_flocks,?after=@99999,400",
    "own_flocks,?what=everything,400",
    "own_flocks,?format=xml,400",
    "own_flocks,?format=native&initial=true,400",
    "own_flocks,?after=other:own_flocks:1,409",
    "own_flocks,?wat=1,400",
    "nobody,'',404"
  })
  void whatCannotBeIsRefusedBeforeTheProtocolChanges(String machine, String query, int status) {
    URI address = URI.create(socket(query).toString().replace("own_flocks/", machine + "/"));

    assertThatThrownBy(() -> new SocketClient(address))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            e -> assertThat(e.getResponse().statusCode()).isEqualTo(status));
  }

  @Test
  void aSocketOfAnotherPageIsRefused() {
    assertThatThrownBy(
            () -> new SocketClient(socket("?after=@0"), "Origin", "https://evil.example"))
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            e -> assertThat(e.getResponse().statusCode()).isEqualTo(403));
    given().get(AT + "socket").then().statusCode(426);
  }

  @Test
  void nothingIsExpectedFromASubscriber() throws InterruptedException {
    try (SocketClient client = new SocketClient(socket("?what=locks"))) {
      client.next(3_000);
      client.say("hello");
      assertThat(client.next(3_000)).asString().startsWith("1003");
    }
  }
}

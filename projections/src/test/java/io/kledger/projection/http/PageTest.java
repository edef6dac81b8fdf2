package io.kledger.projection.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser: first of an empty ledger, then of one with hostile names in it. */
@QuarkusTest
@QuarkusTestResource(value = EmptyLedger.class, restrictToAnnotatedClass = true)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PageTest {
  private static final String TRACE =
      """
      7 1700000000.000001 execve("/bin/sh", ["sh"], 0x7ffc /* 0 vars */) = 0
      7 1700000000.000002 mount("<img src=x onerror=document.title='owned'>", "/mnt", "tmpfs", 0, NULL) = 0
      """;
  private static final String MORE =
      "7 1700000000.000003 mount(\"two\", \"/mnt/<script>x\", \"tmpfs\", 0, NULL) = 0\n";

  @TestHTTPResource("/")
  URI page;

  @TempDir Path directory;

  private URI with(String query) {
    return URI.create(page + "?" + query);
  }

  @Test
  @Order(1)
  void anEmptyLedgerShowsTheDemo() throws IOException, InterruptedException {
    JsonPath machines = given().get("/api/v1/machines").jsonPath();
    assertThat(machines.getList("machines.machine")).containsExactly("demo");
    assertThat(machines.getBoolean("machines[0].demo")).isTrue();
    JsonPath timeline = given().get("/api/v1/machines/demo/timeline").jsonPath();
    for (int i = 0; i < 100 && timeline.getLong("indexed") < timeline.getLong("to"); i++) {
      Thread.sleep(100);
      timeline = given().get("/api/v1/machines/demo/timeline").jsonPath();
    }
    assertThat(timeline.getLong("indexed")).isEqualTo(timeline.getLong("to"));
    assertThat(timeline.getList("marks.kind")).doesNotContain("defect");
    assertThat(timeline.getList("buckets")).isNotEmpty();

    Browser browser = Browser.find(directory);
    Browser.Seen seen = browser.open(page);

    assertThat(seen.console()).isEmpty();
    assertThat(seen.dom()).contains("role=\"treeitem\"", "/run/host/incoming", "master:9");
    Browser.Seen why =
        browser.open(with("machine=demo&at=@1900&pid=19&kind=mount&name=/proc&view=cgroups"));
    assertThat(why.dom()).contains("a new mount", "line 1349 of source 1", "payload");
    Browser.Seen locks = browser.open(with("machine=demo&at=@1900&view=locks&from=@900"));
    assertThat(locks.dom()).contains("holds OFDLCK WRITE", "shared by 17, 19", "+2 ~0 −0");
    pictures(browser);
  }

  /** For people to look at, and for the documentation. */
  private void pictures(Browser browser) throws IOException, InterruptedException {
    Path pictures =
        Files.createDirectories(
            Path.of(System.getProperty("kledger.home"), "projections", "target", "page"));
    browser.picture(page, 1280, 800, pictures.resolve("mounts.png"));
    browser.picture(
        with(
            "machine=demo&at=@1900&from=@1700&view=mounts&pid=19&theme=dark&kind=mount&name=/proc"),
        1280,
        800,
        pictures.resolve("compare.png"));
    browser.picture(
        with("machine=demo&at=@1900&view=locks&kind=lock&name=/sandbox/.%23r.lck"),
        500,
        1300,
        pictures.resolve("phone.png"));
    assertThat(pictures.resolve("phone.png")).isNotEmptyFile();
  }

  private static JsonPath append(String trace) {
    return given()
        .contentType("text/plain")
        .body(trace)
        .post("/api/v1/machines/hostile/events?source=t")
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  @Test
  @Order(2)
  void whatIsAppendedAgainAddsNothing() {
    JsonPath first = append(TRACE);
    assertThat(first.getLong("appended")).isGreaterThanOrEqualTo(2);

    assertThat(append(TRACE).getLong("appended")).isZero();
    assertThat(append(TRACE + MORE).getLong("appended")).isEqualTo(1);

    assertThat(given().get("/api/v1/machines").jsonPath().getList("machines.machine"))
        .containsExactly("hostile");
    given()
        .contentType("text/plain")
        .body(TRACE)
        .post("/api/v1/machines/a%2F..%2Fb/events")
        .then()
        .statusCode(org.hamcrest.Matchers.greaterThanOrEqualTo(400));
  }

  @Test
  @Order(3)
  void hostileNamesAreText() throws IOException, InterruptedException {
    Browser.Seen seen = Browser.find(directory).open(with("machine=hostile&pid=7"));

    assertThat(seen.console()).isEmpty();
    assertThat(seen.dom())
        .contains("&lt;img src=x onerror=")
        .doesNotContain("<img", "<title>owned");
  }
}

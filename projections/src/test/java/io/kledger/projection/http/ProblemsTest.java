package io.kledger.projection.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be answered says why, as RFC 9457 has it. */
@QuarkusTest
@QuarkusTestResource(FlocksLedger.class)
class ProblemsTest {

  private static void isProblem(Response response, int status, String detail) {
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
    assertThat(response.contentType()).startsWith("application/problem+json");
    assertThat(response.jsonPath().getInt("status")).isEqualTo(status);
    assertThat(response.jsonPath().getString("type")).isEqualTo("about:blank");
    assertThat(response.jsonPath().getString("title")).isNotBlank();
    assertThat(response.jsonPath().getString("detail")).contains(detail);
    assertThat(response.jsonPath().getString("instance")).startsWith("/api/v1/");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "nobody/locks                    | 404 | has no machine 'nobody'",
        "no%20body/locks                 | 404 | has no machine 'no body'",
        "own_flocks/locks?at=@99999      | 400 | no event @99999",
        "own_flocks/locks?at=@x          | 400 | '@x' is no position",
        "own_flocks/locks?at=-5parsecs   | 400 | is no moment",
        "own_flocks/locks?at=            | 400 | is no moment",
        "own_flocks/locks?at=nomarker    | 400 | no marker 'nomarker'",
        "own_flocks/locks?at=@1&at=@2    | 400 | 'at' is given twice",
        "own_flocks/locks?att=@1         | 400 | unknown parameter 'att'",
        "own_flocks/tasks?pid=4711       | 404 | no process 4711",
        "own_flocks/mountinfo?pid=5&at=@0| 404 | no process 5 on own_flocks at @0",
        "own_flocks/mountinfo?at=@0      | 404 | no process is alive",
        "own_flocks/mounts?ns=1          | 404 | no namespace 1",
        "own_flocks/fds?pid=five         | 400 | 'five' is no pid",
        "own_flocks/fds?pid=-1           | 400 | '-1' is no pid",
        "own_flocks/nothing              | 404 | there is nothing here",
      })
  void saysWhatIsWrong(String path, int status, String detail) {
    isProblem(given().urlEncodingEnabled(false).get("/api/v1/machines/" + path), status, detail);
  }

  @Test
  void theKernelHasNoTextOfOneProcessesLocks() {
    isProblem(
        given().accept("text/plain").get("/api/v1/machines/own_flocks/locks?pid=5"),
        400,
        "of all processes");
  }

  @Test
  void aViewWithoutTheWantedRepresentationSaysSo() {
    isProblem(
        given().accept("text/plain").get("/api/v1/machines/own_flocks/tasks"),
        406,
        "no representation");
  }

  @Test
  void nothingCanBeWritten() {
    Response response = given().post("/api/v1/machines/own_flocks/locks");
    isProblem(response, 405, "read-only");
    assertThat(response.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
    isProblem(given().delete("/api/v1/machines"), 405, "read-only");
  }
}

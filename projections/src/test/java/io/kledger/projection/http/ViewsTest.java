package io.kledger.projection.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.kledger.ingest.recording.SnapshotFiles;
import io.kledger.projection.RecordedLedger;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every view at the end and before, against what the kernel said when it was recorded. */
@QuarkusTest
@QuarkusTestResource(FlocksLedger.class)
class ViewsTest {
  private static RecordedLedger recorded;

  /** Two hold a shared lock, two wait for it; five processes. */
  private static SnapshotFiles waiters;

  private static long at;

  @BeforeAll
  static void readTheRecording() throws IOException {
    recorded = RecordedLedger.read(FlocksLedger.RECORDING);
    waiters = recorded.snapshot("two-waiters");
    at = recorded.position(waiters);
  }

  private static String url(String view) {
    return "/api/v1/machines/own_flocks/" + view;
  }

  private static Response text(String view) {
    Response response = given().accept("text/plain").get(url(view));
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    assertThat(response.contentType()).isEqualTo("text/plain;charset=UTF-8");
    return response;
  }

  private static JsonPath json(String view) {
    Response response = given().accept("application/json").get(url(view));
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    assertThat(response.contentType()).startsWith("application/json");
    JsonPath body = response.jsonPath();
    assertThat(response.header("Kledger-Position")).isEqualTo(body.getString("position"));
    assertThat(body.getLong("end")).isEqualTo(recorded.end());
    return body;
  }

  private static String file(SnapshotFiles snapshot, String name) {
    return new String(snapshot.files().get(name), StandardCharsets.UTF_8);
  }

  @Test
  void machinesAreListedWithTheEndsOfTheirLogs() {
    JsonPath body = given().get("/api/v1/machines").then().statusCode(200).extract().jsonPath();

    assertThat(body.getList("machines.machine")).containsExactly("own_flocks");
    assertThat(body.getLong("machines[0].position")).isEqualTo(recorded.end());
  }

  @Test
  void mountinfoIsTheKernelsText() throws IOException {
    SnapshotFiles end = recorded.snapshot("end");

    assertThat(text("mountinfo?pid=5&at=@" + recorded.position(end)).asString())
        .isEqualTo(file(end, "mountinfo"));
    Response earlier = text("mountinfo?at=@" + at);
    assertThat(earlier.asString()).isEqualTo(file(waiters, "mountinfo"));
    assertThat(earlier.header("Kledger-Position")).isEqualTo(Long.toString(at));
  }

  @Test
  void mountinfoIsTextUnlessJsonIsAskedFor() {
    assertThat(given().get(url("mountinfo?at=@" + at)).contentType()).startsWith("text/plain");
    assertThat(json("mountinfo?at=@" + at).getList("rows.line"))
        .containsExactlyElementsOf(file(waiters, "mountinfo").lines().toList());
  }

  @Test
  void mountsHaveTheColumnsOfFindmnt() {
    JsonPath body = json("mounts?pid=5&at=@" + at);

    List<String> lines = file(waiters, "mountinfo").lines().toList();
    assertThat(body.getList("rows.id", String.class))
        .containsExactlyElementsOf(lines.stream().map(line -> line.split(" ")[0]).toList());
    assertThat(body.getList("rows.target", String.class))
        .containsExactlyElementsOf(lines.stream().map(line -> line.split(" ")[4]).toList());
  }

  @Test
  void aMountNamespaceIsFoundByItsInode() {
    Object inode = json("namespaces?at=@" + at).get("rows.find { it.type == 'mnt' }.ns");

    assertThat(json("mounts?ns=" + inode + "&at=@" + at).getList("rows.target"))
        .contains("/sandbox");
  }

  @Test
  void locksAreThoseOfTheKernel() {
    assertThat(comparable(text("locks?at=@" + at).asString()))
        .containsExactlyInAnyOrderElementsOf(comparable(file(waiters, "locks")));
    assertThat(text("locks").asString()).isEmpty();
  }

  /**
   * Lines of /proc/locks without what no trace tells: their order, and so their numbers, depends on
   * the CPU that took the lock, and the number of the inode was chosen by the filesystem.
   */
  private static List<String> comparable(String locks) {
    return locks
        .lines()
        .map(line -> line.replaceFirst("^[0-9]+: ", "").replaceFirst("(:[0-9a-f]+):[0-9]+ ", "$1 "))
        .toList();
  }

  @Test
  void locksInJsonNameHoldersAndBlockers() {
    JsonPath body = json("locks?at=@" + at);

    assertThat(body.getList("rows")).hasSameSizeAs(file(waiters, "locks").lines().toList());
    List<Object> waiting = body.getList("rows.findAll { it['waiting-since'] != null }.blocker");
    assertThat(waiting).isNotEmpty().doesNotContainNull();
    List<List<Integer>> granted =
        body.getList("rows.findAll { it['waiting-since'] == null }.holders");
    assertThat(granted).isNotEmpty().allSatisfy(holders -> assertThat(holders).isNotEmpty());
    assertThat(json("locks").getList("rows")).isEmpty();
  }

  @Test
  void locksOfOneProcess() {
    List<Integer> all = json("locks?at=@" + at).getList("rows.pid", Integer.class);
    int pid = all.getLast();

    List<Integer> own = json("locks?pid=" + pid + "&at=@" + at).getList("rows.pid", Integer.class);

    assertThat(own).isNotEmpty().containsOnly(pid).hasSizeLessThan(all.size());
  }

  @Test
  void tasksAreThoseThatWereThere() {
    List<String> pids =
        file(waiters, "tasks")
            .lines()
            .filter(line -> line.startsWith("task "))
            .map(line -> line.substring(5))
            .toList();

    assertThat(json("tasks?at=@" + at).getList("rows.tid", String.class))
        .containsExactlyElementsOf(pids);
    assertThat(json("tasks?pid=5&at=@" + at).getList("rows.command")).containsExactly("flocks");
    assertThat(json("tasks").getList("rows")).isEmpty();
  }

  @Test
  void cgroupsWithTheirProcesses() {
    JsonPath body = json("cgroups?at=@" + at);
    List<List<Integer>> processes = body.getList("rows.procs");
    assertThat(processes.stream().flatMap(List::stream)).contains(5);

    String path = json("cgroups?pid=5&at=@" + at).getString("rows[0].path");
    assertThat(path).startsWith("/");
    assertThat(text("cgroups?pid=5&at=@" + at).asString()).startsWith("0::/").endsWith("\n");
  }

  @Test
  void openFilesOfAProcess() {
    JsonPath body = json("fds?pid=5&at=@" + at);

    assertThat(body.getList("rows.pid", Integer.class)).isNotEmpty().containsOnly(5);
    assertThat(body.getString("rows.find { it.fd == 5 }.name")).isEqualTo("/sandbox/lock");
    assertThat(json("fds?at=@" + at).getList("rows.pid", Integer.class)).contains(5, 6);
    assertThat(json("fds").getList("rows")).isEmpty();
  }

  @Test
  void namespacesOfAProcess() {
    List<String> own = json("namespaces?pid=5&at=@" + at).getList("rows.type", String.class);

    assertThat(own).contains("mnt", "pid", "user").doesNotHaveDuplicates();
    for (String line :
        file(waiters, "tasks").lines().filter(l -> l.startsWith("ns mnt")).toList()) {
      String inode = line.replaceAll("[^0-9]", "");
      assertThat(json("namespaces?at=@" + at).getList("rows.ns", String.class)).contains(inode);
    }
  }

  @Test
  void digestsOfOneMomentAreEqualAndOfAnotherDiffer() {
    JsonPath then = json("digest?at=@" + at);
    JsonPath end = json("digest");

    assertThat(then.getLong("position")).isEqualTo(at);
    assertThat(end.getLong("position")).isEqualTo(recorded.end());
    assertThat(then.getString("digest")).matches("[0-9a-f]{32,}");
    assertThat(json("digest?at=@" + at).getString("digest")).isEqualTo(then.getString("digest"));
    assertThat(end.getString("digest")).isNotEqualTo(then.getString("digest"));
    assertThat(end.getString("fingerprint")).isEqualTo(then.getString("fingerprint"));
  }

  @Test
  void momentsAreThoseOfTheCommandLine() {
    assertThat(json("tasks?at=end").getLong("position")).isEqualTo(recorded.end());
    assertThat(json("tasks?at=@0").getList("rows")).isEmpty();
    assertThat(json("tasks?at=-1h").getLong("position")).isZero();
    assertThat(json("locks?at=@" + at).getLong("gaps")).isZero();
  }
}

package io.kledger.projection.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

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

  private static Browser browser;

  @TestHTTPResource("/")
  URI root;

  @BeforeAll
  static void aBrowser() {
    browser = Browser.find();
  }

  @AfterAll
  static void noBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  private Page open(String query) {
    return browser.open(URI.create(root + query), 1280, 800, false);
  }

  private static Locator row(Page page, String text) {
    return page.locator("#view .row", new Page.LocatorOptions().setHasText(text)).first();
  }

  /** For people to look at, and for the documentation. */
  private static void picture(Page page, String name) throws IOException {
    Path pictures =
        Files.createDirectories(
            Path.of(System.getProperty("kledger.home"), "projections", "target", "page"));
    page.waitForTimeout(400);
    byte[] picture =
        page.screenshot(new Page.ScreenshotOptions().setPath(pictures.resolve(name + ".png")));
    assertThat(picture).hasSizeGreaterThan(10_000);
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

    Page page = open("");
    assertThat(row(page, "/run/host/incoming")).isVisible();
    assertThat(page.locator("#view .tag.master").first()).containsText("master:");
    assertThat(page.locator("#density rect").first()).isAttached();
    assertThat(page.locator("#events .row[aria-selected=true]")).containsText("@1900");
    picture(page, "mounts");
  }

  @Test
  @Order(2)
  void whyLeadsDownToTheLine() throws IOException {
    Page page = open("?machine=demo&at=@1900&pid=19&view=mounts");
    row(page, "/sys/block").click();

    assertThat(page.locator("#why")).containsText("line ");
    assertThat(page.locator("#why code").first()).containsText("mount");
    assertThat(page.locator("#view .row.kin").first()).isVisible();
    assertThat(page.url()).contains("kind=mount", "name=%2Fsys%2Fblock");
    picture(page, "why");
    page.locator("#why .link").first().click();
    assertThat(page.locator("#at")).not().hasValue("1900");
  }

  @Test
  @Order(3)
  void keysMoveTheMoment() {
    Page page = open("?machine=demo&at=@1900&pid=19");
    assertThat(row(page, "/run/host/incoming")).isVisible();
    page.keyboard().press("j");
    page.keyboard().press("j");
    assertThat(page.locator("#at")).hasValue("1902");
    page.keyboard().press("k");
    assertThat(page.locator("#at")).hasValue("1901");
    assertThat(page).hasURL(Pattern.compile("at=%401901"));
    row(page, "/proc").click();
    assertThat(page.locator("#why")).containsText("@1355");
    String at = "1901";
    for (int i = 0; i < 20 && !at.equals("1355"); i++) {
      page.keyboard().press("[");
      assertThat(page.locator("#at")).not().hasValue(at);
      at = page.locator("#at").inputValue();
    }
    assertThat(at).as("where /proc was mounted").isEqualTo("1355");
    page.keyboard().press("3");
    assertThat(page.locator("[data-view=cgroups]")).hasAttribute("aria-selected", "true");
    page.keyboard().press("/");
    assertThat(page.locator("#q")).isFocused();
  }

  @Test
  @Order(4)
  void theMomentIsDragged() {
    Page page = open("?machine=demo&at=@1900&pid=19");
    assertThat(row(page, "/run/host/incoming")).isVisible();
    var box = page.locator("#slider").boundingBox();
    page.mouse().move(box.x + box.width * 0.9, box.y + 20);
    page.mouse().down();
    page.mouse().move(box.x + box.width * 0.5, box.y + 20);
    page.mouse().up();

    assertThat(Integer.parseInt(page.locator("#at").inputValue())).isBetween(1_160, 1_170);
    page.locator("#closer").click();
    assertThat(page.locator("#legend .span")).not().containsText("@0 –");
    page.locator("#slider").press("End");
    assertThat(page.locator("#at")).hasValue("2331");
  }

  @Test
  @Order(5)
  void whatChangedIsMarkedInPlace() throws IOException {
    Page page =
        browser.open(
            URI.create(root + "?machine=demo&at=@1900&from=@1700&view=mounts&pid=19"),
            1280,
            800,
            true);
    assertThat(page.locator("#view .row.added").first()).containsText("/sys/block");
    assertThat(page.locator("#view .row.changed").first()).containsText("/sys");
    assertThat(page.locator("#count")).containsText("since @1700: +6 ~1 −0");
    row(page, "/proc").click();
    assertThat(page.locator("#why")).containsText("a new mount");
    picture(page, "compare");
  }

  @Test
  @Order(6)
  void everyViewShowsSomething() throws IOException {
    for (String view :
        new String[] {
          "locks",
          "cgroups",
          "tasks",
          "fds",
          "namespaces",
          "sockets",
          "blockdevs",
          "watches",
          "changes"
        }) {
      Page page = open("?machine=demo&at=@1900&pid=19&view=" + view);
      assertThat(page.locator("#count")).not().isEmpty();
      assertThat(page.locator("#view")).not().isEmpty();
      picture(page, view);
      page.close();
    }
  }

  @Test
  @Order(7)
  void rowsAndEventsAreFiltered() {
    Page page = open("?machine=demo&at=@1900&pid=19&q=fstype%20%3D%20sysfs");
    assertThat(page.locator("#view .row")).hasCount(6);
    page.locator("#q").fill("evt.type = mount");
    assertThat(page.locator("#events .row").first()).containsText("mount(");
    page.locator("#q").fill("evt.type =");
    assertThat(page.locator("#notice")).containsText("expected a value");
  }

  @Test
  @Order(8)
  void aTraceOfOnesOwnIsLookedAt() throws IOException {
    Page page = open("?machine=demo");
    assertThat(page.locator("#count")).not().isEmpty();
    // Two hold a shared lock, two wait for it, at @90.
    page.locator("#file")
        .setInputFiles(
            Path.of(System.getProperty("kledger.home"), "corpus", FlocksLedger.RECORDING));
    page.waitForURL(Pattern.compile("machine=scratch-"));
    assertThat(page.locator("#machine")).containsText("your trace");
    assertThat(page.locator("#count")).not().isEmpty();
    page.locator("#at").fill("90");
    page.locator("#at").press("Enter");
    page.locator("[data-view=locks]").click();

    assertThat(page.locator("#view")).containsText("/sandbox/lock");
    assertThat(page.locator("#view .graph .node")).hasCount(3);
    assertThat(page.locator("#view .bar-wait").first()).isVisible();
    picture(page, "locks");
    Page phone = browser.open(URI.create(page.url()), 390, 844, true);
    assertThat(phone.locator("#view .graph .node")).hasCount(3);
    picture(phone, "phone");
    Object wide = phone.evaluate("document.documentElement.scrollWidth <= innerWidth");
    assertThat(wide).as("nothing is wider than a phone").isEqualTo(true);
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
  @Order(9)
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
  @Order(10)
  void hostileNamesAreText() {
    Page page = open("?machine=hostile&pid=7");

    assertThat(page.locator("#events")).containsText("<img src=x onerror=");
    assertThat(page.locator("img")).hasCount(0);
    assertThat(page.title()).isEqualTo("kledger");
  }

  @Test
  @Order(11)
  void liveFollowsTheEnd() {
    Page page = open("?machine=hostile&live");
    assertThat(page.locator("#live")).hasAttribute("aria-pressed", "true");
    page.waitForTimeout(1_000);
    long before = Long.parseLong(page.locator("#at").inputValue());
    append(TRACE + MORE + "7 1700000000.000004 getpid() = 7\n".repeat(3));

    assertThat(page.locator("#at")).hasValue(Long.toString(before + 3));
  }

  @Test
  @Order(12)
  void nothingWasComplainedOf() {
    // Refusals that were meant to be: a filter that is not complete, moments before a process.
    assertThat(browser.complaints())
        .allMatch(text -> text.contains("400 (Bad Request)") || text.contains("404 (Not Found)"));
  }
}

package io.kledger.projection.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import io.kledger.projection.RecordedLedger;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FlocksLedger.class)
class HealthTest {

  @Test
  void livenessNamesTheService() {
    given()
        .when()
        .get("/q/health/live")
        .then()
        .statusCode(200)
        .body("checks[0].name", equalTo("service"));
  }

  @Test
  void readyMeansThatEveryMachineIsFoldedToTheEndOfItsLog() throws IOException {
    // given: a request waits for the first fold
    given().get("/api/v1/machines/own_flocks/digest").then().statusCode(200);

    given()
        .when()
        .get("/q/health/ready")
        .then()
        .statusCode(200)
        .body("status", equalTo("UP"))
        .body("checks[0].data.ledger", endsWith("/ledger"))
        .body(
            "checks[0].data.own_flocks",
            equalTo("@" + RecordedLedger.read(FlocksLedger.RECORDING).end()));
    given().when().get("/q/health").then().statusCode(200).body("status", equalTo("UP"));
  }
}
